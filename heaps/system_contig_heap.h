// SPDX-License-Identifier: Apache-2.0
//
// SystemContigHeap: the kernel's system_contig heap: buffers as its page allocator would give them in one block.

#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "daemon/base/result.h"
#include "heaps/heap_type.h"
#include "heaps/unplaced_heap.h"

namespace ion {

/// Without pool and deferred free, as in the kernel. What lies in one block of pages there has no address here: a
/// process cannot have its memory in one block, and a made-up address would be another heap's. So phys() is ENODEV;
/// programs that need addresses are given a carveout.
class SystemContigHeap final : public UnplacedHeap {
  public:
    /// `largest`: bytes of the largest block.
    SystemContigHeap(ExporterChain exporters, std::uint64_t total_ram, std::uint64_t largest)
        : UnplacedHeap(std::move(exporters), total_ram), largest_(largest) {}

  private:
    [[nodiscard]] Result<void> check_alignment(const HeapRequest& request) const override;
    [[nodiscard]] Result<std::unique_ptr<Memory>> make_memory(const HeapRequest& request) override;

    std::uint64_t largest_;
};

/// HeapType::options and HeapType::make of "system_contig".
inline constexpr std::array kSystemContigOptions{
    OptionSpec{.name = "largest",
               .kind = OptionKind::kSize,
               .initial = std::uint64_t{4} << 20,
               .minimum = 4096,
               .help = "size of the largest buffer; 4M is the largest block of most kernels"},
};
[[nodiscard]] Result<std::unique_ptr<Heap>> make_system_contig_heap(HeapParameters parameters);

}  // namespace ion
