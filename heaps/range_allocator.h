// SPDX-License-Identifier: Apache-2.0
//
// RangeAllocator: first fit from the lowest address over one region, as the kernel's carveout heap places.

#pragma once

#include <cstddef>
#include <cstdint>

#include "daemon/base/result.h"
#include "heaps/free_runs.h"
#include "heaps/heap.h"

namespace ion {

/// Pure bookkeeping of addresses, in pages. Operations take O(log n) for n free runs, but see
/// FreeRuns::kMaxAlign.
class RangeAllocator {
  public:
    /// Everything in `region` is free. Its base and size must be multiples of the page size and must not wrap.
    explicit RangeAllocator(PlacedRange region);

    /// Takes `size` bytes from the lowest address that is a multiple of `align` and has them free.
    ///
    /// Errors: EINVAL when `size` is 0 or no multiple of the page size, or `align` (bytes; less than a page
    /// means a page) is no power of two; ENOMEM when it does not fit, with a context that tells "full" (too few
    /// bytes are free) from "fragmented" (enough are, but not in one run).
    [[nodiscard]] Result<PlacedRange> allocate(std::uint64_t size, std::uint64_t align);

    /// Takes from the beginning of the lowest free run: `most` bytes, a multiple of the page size above 0, or all
    /// of it when that is less. Errors: ENOMEM when nothing is free.
    [[nodiscard]] Result<PlacedRange> allocate_some(std::uint64_t most);

    /// Takes exactly this range. Errors: EINVAL when it is empty, not of whole pages or not within the region,
    /// EEXIST when part of it is taken.
    [[nodiscard]] Result<void> take(PlacedRange range);

    /// Gives a range back that allocate() or take() gave. Allocates no memory.
    void release(PlacedRange range);

    [[nodiscard]] PlacedRange region() const { return region_; }
    [[nodiscard]] std::uint64_t free_bytes() const { return free_bytes_; }
    [[nodiscard]] std::uint64_t largest_free() const { return runs_.longest(); }
    [[nodiscard]] std::size_t free_runs() const { return runs_.count(); }

  private:
    [[nodiscard]] Error no_fit(std::uint64_t size, std::uint64_t align) const;
    void cut(PlacedRange run, PlacedRange range);

    PlacedRange region_;
    std::uint64_t free_bytes_;
    std::size_t taken_ranges_ = 0;
    FreeRuns runs_;
};

}  // namespace ion
