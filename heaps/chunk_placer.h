// SPDX-License-Identifier: Apache-2.0
//
// ChunkPlacer: buffers of equal chunks that may lie anywhere, as the kernel's chunk heap.

#pragma once

#include <cstdint>

#include "heaps/placer.h"
#include "heaps/range_allocator.h"

namespace ion {

/// Each chunk is the lowest one that is free, so only the sum of what is free counts: nothing is ever fragmented.
/// Chunks that follow each other in a buffer and in the region are one range of its placement. Sizes are rounded up
/// to chunks, in placement and usage. An end of the region that is no whole chunk is not used.
///
/// Alignment: EINVAL when it is above a chunk, or such that not every chunk's address is a multiple of it.
class ChunkPlacer final : public Placer {
  public:
    /// `chunk_size`: bytes, a multiple of the page size, not above the region's.
    ChunkPlacer(PlacedRange region, std::uint64_t chunk_size)
        : chunk_size_(chunk_size),
          ranges_({.base = region.base, .size = region.size / chunk_size * chunk_size}) {}

    [[nodiscard]] Result<std::vector<PlacedRange>> place(const HeapRequest& request) override;
    [[nodiscard]] Result<void> take(const HeapRequest& request, std::span<const PlacedRange> ranges) override;
    void release(std::span<const PlacedRange> ranges) override;
    [[nodiscard]] HeapUsage usage() const override;

  private:
    [[nodiscard]] Result<std::uint64_t> rounded(std::uint64_t size_bytes) const;

    std::uint64_t chunk_size_;
    RangeAllocator ranges_;  // whole chunks are taken and given back, so its free runs are of whole chunks
};

}  // namespace ion
