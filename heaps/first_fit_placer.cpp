// SPDX-License-Identifier: Apache-2.0

#include "heaps/first_fit_placer.h"

#include <algorithm>

#include "daemon/base/checked_math.h"

namespace ion {

Result<std::vector<PlacedRange>> FirstFitPlacer::place(const HeapRequest& request) {
    const std::uint64_t asked_align = std::max<std::uint64_t>(request.align_bytes, 1);
    if (!is_power_of_two(asked_align) || asked_align > ranges_.region().size) {
        return fail(EINVAL, "the alignment is no power of two or exceeds the region");
    }
    const auto range = ranges_.allocate(request.size_bytes, std::max(align_, asked_align));
    if (!range) {
        return range.error();
    }
    return std::vector<PlacedRange>{*range};
}

Result<void> FirstFitPlacer::take(const HeapRequest& request, std::span<const PlacedRange> ranges) {
    if (ranges.size() != 1 || ranges.front().size != request.size_bytes) {
        return fail(EINVAL, "a contiguous buffer is one range of its size");
    }
    return ranges_.take(ranges.front());
}

void FirstFitPlacer::release(std::span<const PlacedRange> ranges) {
    ranges_.release(ranges.front());
}

HeapUsage FirstFitPlacer::usage() const {
    return {.base = ranges_.region().base,
            .total = ranges_.region().size,
            .allocated = ranges_.region().size - ranges_.free_bytes(),
            .largest_free = ranges_.largest_free()};
}

}  // namespace ion
