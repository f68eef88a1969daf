// SPDX-License-Identifier: Apache-2.0

#include "heaps/range_allocator.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

bool is_whole_pages(std::uint64_t value) {
    return value % kPageSize == 0;
}

/// True when `inner` lies within `outer`, which does not wrap.
bool contains(const PlacedRange& outer, const PlacedRange& inner) {
    return inner.base >= outer.base && inner.base - outer.base <= outer.size &&
           inner.size <= outer.size - (inner.base - outer.base);
}

}  // namespace

RangeAllocator::RangeAllocator(PlacedRange region) : region_(region), free_bytes_(region.size) {
    assert(is_whole_pages(region.base) && is_whole_pages(region.size));
    assert(checked_add(region.base, region.size));
    if (region.size != 0) {
        runs_.insert(region);
    }
}

Result<PlacedRange> RangeAllocator::allocate(std::uint64_t size, std::uint64_t align) {
    if (size == 0 || !is_whole_pages(size)) {
        return fail(EINVAL, "the size is not one of whole pages");
    }
    if (!is_power_of_two(align)) {
        return fail(EINVAL, "the alignment is no power of two");
    }
    const std::uint64_t page_align = std::max(align, kPageSize);
    const auto run = runs_.lowest_fit(size, page_align);
    if (!run) {
        return no_fit(size, page_align);
    }
    const PlacedRange range{.base = *checked_round_up(run->base, page_align), .size = size};
    cut(*run, range);
    return range;
}

Result<PlacedRange> RangeAllocator::allocate_some(std::uint64_t most) {
    const auto run = runs_.lowest_fit(kPageSize, kPageSize);
    if (!run) {
        return no_fit(most, kPageSize);
    }
    const PlacedRange range{.base = run->base, .size = std::min(most, run->size)};
    cut(*run, range);
    return range;
}

Result<void> RangeAllocator::take(PlacedRange range) {
    if (range.size == 0 || !is_whole_pages(range.base) || !is_whole_pages(range.size) ||
        !contains(region_, range)) {
        return fail(EINVAL, "the range is not one of the region");
    }
    const auto run = runs_.at_or_below(range.base);
    if (!run || !contains(*run, range)) {
        return fail(EEXIST, "the range is taken");
    }
    cut(*run, range);
    return {};
}

void RangeAllocator::release(PlacedRange range) {
    assert(range.size != 0 && contains(region_, range));
    const std::uint64_t end = range.base + range.size;
    const auto below = runs_.at_or_below(range.base);
    const auto above = runs_.at_or_below(end);
    assert(!below || range.base - below->base >= below->size);  // else its beginning is free already
    assert(above == below || above->base == end);               // else some of the rest is
    const bool joins_below = below && below->base + below->size == range.base;
    const bool joins_above = above && above->base == end;
    if (joins_below && joins_above) {
        runs_.erase(end);
        runs_.resize(below->base, {.base = below->base, .size = below->size + range.size + above->size});
    } else if (joins_below) {
        runs_.resize(below->base, {.base = below->base, .size = below->size + range.size});
    } else if (joins_above) {
        runs_.resize(end, {.base = range.base, .size = range.size + above->size});
    } else {
        runs_.insert(range);
    }
    free_bytes_ += range.size;
    --taken_ranges_;
}

Error RangeAllocator::no_fit(std::uint64_t size, std::uint64_t align) const {
    const std::string asked = std::to_string(size) + " bytes asked, " + std::to_string(free_bytes_) + " free";
    if (size > free_bytes_) {
        return fail(ENOMEM, "full: " + asked);
    }
    return fail(ENOMEM, "fragmented: " + asked + ", longest run " + std::to_string(largest_free()) +
                            " bytes, alignment " + std::to_string(align));
}

/// Takes `range` out of the free run that contains it.
void RangeAllocator::cut(PlacedRange run, PlacedRange range) {
    runs_.reserve(taken_ranges_ + 2);  // n taken ranges leave at most n + 1 runs: release() allocates nothing
    ++taken_ranges_;
    const std::uint64_t end = range.base + range.size;
    const PlacedRange before{.base = run.base, .size = range.base - run.base};
    const PlacedRange after{.base = end, .size = run.base + run.size - end};
    if (before.size == 0 && after.size == 0) {
        runs_.erase(run.base);
    } else {
        runs_.resize(run.base, before.size != 0 ? before : after);
    }
    if (before.size != 0 && after.size != 0) {
        runs_.insert(after);
    }
    free_bytes_ -= range.size;
}

}  // namespace ion
