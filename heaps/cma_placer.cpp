// SPDX-License-Identifier: Apache-2.0

#include "heaps/cma_placer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

/// The check of cma_activate_area(): every page of the area is in the zone of the first one.
bool in_one_zone(const CmaArea& area) {
    return std::ranges::none_of(area.zones, [&](std::uint64_t start) {
        return start > area.region.base && start - area.region.base < area.region.size;
    });
}

/// The kernel's get_order(): the smallest n with 2^n pages >= size.
std::uint32_t order_of(std::uint64_t size) {
    return static_cast<std::uint32_t>(std::bit_width((size - 1) / kPageSize));
}

}  // namespace

CmaPlacer::CmaPlacer(CmaArea area, Migrate migrate)
    : area_(std::move(area)),
      migrate_(std::move(migrate)),
      bits_(in_one_zone(area_) ? area_.region.size / bit_bytes() : 0) {}

/// cma_alloc() of Linux 4.19.
Result<std::vector<PlacedRange>> CmaPlacer::place(const HeapRequest& request) {
    if (request.align_bytes > kPageSize) {
        return fail(EINVAL, "contiguous memory is aligned by its size, not as asked");
    }
    const auto count = bits_for(request.size_bytes);
    if (!count || *count > bits_.size()) {
        return no_fit(request.size_bytes, 0);
    }
    const std::uint32_t align = std::min(order_of(request.size_bytes), area_.max_align_order);
    const std::uint32_t align_bits = align <= area_.order_per_bit ? 0 : align - area_.order_per_bit;
    const std::size_t mask = (std::size_t{1} << align_bits) - 1;
    const std::size_t offset = area_.region.base / bit_bytes() & mask;
    std::size_t busy_ranges = 0;
    for (std::size_t start = 0;;) {
        const std::size_t first = bits_.next_clear_run(start, *count, mask, offset);
        if (first >= bits_.size()) {
            return no_fit(request.size_bytes, busy_ranges);
        }
        const PlacedRange range = range_of(first, *count);
        const int problem = migrate_(range);
        if (problem == 0) {
            mark(first, *count);
            return std::vector<PlacedRange>{range};
        }
        if (problem != EBUSY) {
            return fail(ENOMEM,
                        fmt::format("the pages at {:#x} cannot be moved: errno {}", range.base, problem));
        }
        ++busy_ranges;
        start = first + mask + 1;
    }
}

Result<void> CmaPlacer::take(const HeapRequest& request, std::span<const PlacedRange> ranges) {
    const auto count = bits_for(request.size_bytes);
    if (!count || ranges.size() != 1 || ranges.front().size != *count * bit_bytes()) {
        return fail(EINVAL, "a contiguous buffer is one range of its size");
    }
    const std::uint64_t offset = ranges.front().base - area_.region.base;  // huge when it begins below
    const std::uint64_t first = offset / bit_bytes();
    if (offset % bit_bytes() != 0 || first >= bits_.size() || *count > bits_.size() - first) {
        return fail(EINVAL, "the range is not one of the area");
    }
    if (bits_.next_set(first, first + *count) != first + *count) {
        return fail(EEXIST, "the range is taken");
    }
    mark(first, *count);
    return {};
}

void CmaPlacer::release(std::span<const PlacedRange> ranges) {
    const std::size_t count = ranges.front().size / bit_bytes();
    bits_.clear(first_bit(ranges.front()), count);
    taken_ -= count;
}

HeapUsage CmaPlacer::usage() const {
    return {.total = bits_.size() * bit_bytes(),
            .allocated = taken_ * bit_bytes(),
            .largest_free = bits_.longest_clear_run() * bit_bytes()};
}

std::uint64_t CmaPlacer::bit_bytes() const {
    return kPageSize << area_.order_per_bit;
}

/// Nothing when it is more than 64 bits can count.
std::optional<std::uint64_t> CmaPlacer::bits_for(std::uint64_t size) const {
    const auto rounded = checked_round_up(size, bit_bytes());
    return rounded ? std::optional(*rounded / bit_bytes()) : std::nullopt;
}

PlacedRange CmaPlacer::range_of(std::size_t first, std::size_t count) const {
    return {.base = area_.region.base + first * bit_bytes(), .size = count * bit_bytes()};
}

std::size_t CmaPlacer::first_bit(const PlacedRange& range) const {
    return (range.base - area_.region.base) / bit_bytes();
}

Error CmaPlacer::no_fit(std::uint64_t size, std::size_t busy_ranges) const {
    if (!activated()) {
        return fail(ENOMEM, "the area is in several memory zones and was dropped");
    }
    const HeapUsage figures = usage();
    const std::uint64_t free = figures.total - figures.allocated;
    if (size > free) {
        return fail(ENOMEM, fmt::format("full: {} bytes asked, {} free", size, free));
    }
    return fail(ENOMEM, fmt::format("{}: {} bytes asked, {} free, longest run {} bytes, {} ranges busy",
                                    busy_ranges != 0 ? "busy" : "fragmented", size, free,
                                    figures.largest_free, busy_ranges));
}

void CmaPlacer::mark(std::size_t first, std::size_t count) {
    bits_.set(first, count);
    taken_ += count;
}

}  // namespace ion
