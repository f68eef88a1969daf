// SPDX-License-Identifier: Apache-2.0
//
// What every Placer that gives a buffer one range has to refuse, whatever its algorithm.

#pragma once

#include <algorithm>
#include <span>
#include <string>

#include "daemon/base/checked_math.h"
#include "daemon/base/result.h"
#include "heaps/heap.h"

namespace ion {

/// A request that place() can look for: then neither size nor alignment is above the region's size, so that sums of
/// them do not overflow as long as the region lies below 2^62.
///
/// Errors: EINVAL when the alignment is no power of two or exceeds the region, ENOMEM when the size does.
inline Result<void> check_contiguous(const HeapRequest& request, PlacedRange region) {
    const std::uint64_t align = std::max<std::uint64_t>(request.align_bytes, 1);
    if (!is_power_of_two(align) || align > region.size) {
        return fail(EINVAL, "the alignment is no power of two or exceeds the region");
    }
    if (request.size_bytes > region.size) {
        return fail(ENOMEM, "full: the request exceeds the region");
    }
    return {};
}

/// The one range that take() is given: of whole pages, of this size, within the region. Records are not trusted: the
/// configuration may be another one than when they were made.
///
/// Errors: EINVAL when it is not.
inline Result<PlacedRange> contiguous_range(std::span<const PlacedRange> ranges, std::uint64_t size,
                                            PlacedRange region) {
    if (ranges.size() != 1 || ranges.front().size != size || size == 0 || size % kPageSize != 0) {
        return fail(EINVAL, "a contiguous buffer is one range of its size");
    }
    const PlacedRange range = ranges.front();
    if (range.base % kPageSize != 0 || range.base < region.base || size > region.size ||
        range.base - region.base > region.size - size) {
        return fail(EINVAL, "the range is not one of whole pages within the region");
    }
    return range;
}

/// The error of a request that finds no room, with what an operator can do about it.
inline Error no_room(std::uint64_t size, std::uint64_t free, std::uint64_t longest) {
    return fail(ENOMEM, (size > free ? "full: " : "fragmented: ") + std::to_string(size) + " bytes asked, " +
                            std::to_string(free) + " free, longest run " + std::to_string(longest));
}

}  // namespace ion
