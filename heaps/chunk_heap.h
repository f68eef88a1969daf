// SPDX-License-Identifier: Apache-2.0
//
// ChunkHeap: the kernel's chunk heap.

#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "daemon/base/result.h"
#include "heaps/heap_type.h"
#include "heaps/region_heap.h"

namespace ion {

/// A RegionHeap of a ChunkPlacer. Its buffers have addresses, but none a physical one of its own, not even when its
/// chunks happen to follow each other: what a program gets must not depend on chance.
class ChunkHeap final : public RegionHeap {
  public:
    using RegionHeap::RegionHeap;

    [[nodiscard]] Result<std::uint64_t> phys(const Backing& buffer) const override;
};

/// HeapType::options and HeapType::make of "chunk".
inline constexpr std::array kChunkOptions{
    OptionSpec{.name = "chunk_size",
               .kind = OptionKind::kSize,
               .initial = std::uint64_t{16} << 10,
               .minimum = 4096,
               .help = "size of a chunk, a multiple of the page size; buffers are made of whole chunks"},
};
[[nodiscard]] Result<std::unique_ptr<Heap>> make_chunk_heap(HeapParameters parameters);

}  // namespace ion
