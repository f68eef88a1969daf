// SPDX-License-Identifier: Apache-2.0
//
// FirstFitPlacer: contiguous ranges, the lowest address that fits, as the kernel's carveout heap.

#pragma once

#include <cstdint>

#include "heaps/placer.h"
#include "heaps/range_allocator.h"

namespace ion {

/// In pages. Alignment: the larger of the heap's own and the request's, applied to the address. This is what
/// generation A does. Generation B refuses more than a page; that it is granted here too breaks no program.
/// EINVAL when the request's is no power of two or exceeds the region.
class FirstFitPlacer final : public Placer {
  public:
    /// `region`: whole pages. `align`: bytes, a power of two.
    FirstFitPlacer(PlacedRange region, std::uint64_t align) : align_(align), ranges_(region) {}

    [[nodiscard]] Result<std::vector<PlacedRange>> place(const HeapRequest& request) override;
    [[nodiscard]] Result<void> take(const HeapRequest& request, std::span<const PlacedRange> ranges) override;
    void release(std::span<const PlacedRange> ranges) override;
    [[nodiscard]] HeapUsage usage() const override;

  private:
    std::uint64_t align_;
    RangeAllocator ranges_;
};

}  // namespace ion
