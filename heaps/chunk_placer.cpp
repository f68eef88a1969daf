// SPDX-License-Identifier: Apache-2.0

#include "heaps/chunk_placer.h"

#include <algorithm>
#include <string>

#include "daemon/base/checked_math.h"

namespace ion {

Result<std::vector<PlacedRange>> ChunkPlacer::place(const HeapRequest& request) {
    const std::uint64_t align = std::max<std::uint64_t>(request.align_bytes, 1);
    if (chunk_size_ % align != 0 || ranges_.region().base % align != 0) {
        return fail(EINVAL, "chunks of " + std::to_string(chunk_size_) + " bytes are not aligned so");
    }
    const auto size = rounded(request.size_bytes);
    if (!size) {
        return size.error();
    }
    if (*size > ranges_.free_bytes()) {
        return fail(ENOMEM, "full: " + std::to_string(*size) + " bytes of chunks asked, " +
                                std::to_string(ranges_.free_bytes()) + " free");
    }
    std::vector<PlacedRange> placement;
    for (std::uint64_t left = *size; left != 0; left -= placement.back().size) {
        placement.push_back(*ranges_.allocate_some(left));
    }
    return placement;
}

Result<void> ChunkPlacer::take(const HeapRequest& request, std::span<const PlacedRange> ranges) {
    const PlacedRange region = ranges_.region();
    std::uint64_t total = 0;
    for (const PlacedRange& range : ranges) {
        if (range.size % chunk_size_ != 0 || (range.base - region.base) % chunk_size_ != 0) {
            return fail(EINVAL, "a range is not of whole chunks");
        }
        total += range.size;
    }
    const auto size = rounded(request.size_bytes);
    if (!size || total != *size) {
        return fail(EINVAL, "the chunks do not make the size");
    }
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        if (auto taken = ranges_.take(ranges[i]); !taken) {
            release(ranges.first(i));
            return taken.error();
        }
    }
    return {};
}

void ChunkPlacer::release(std::span<const PlacedRange> ranges) {
    std::ranges::for_each(ranges, [this](const PlacedRange& range) { ranges_.release(range); });
}

HeapUsage ChunkPlacer::usage() const {
    return {.total = ranges_.region().size,
            .allocated = ranges_.region().size - ranges_.free_bytes(),
            .largest_free = ranges_.largest_free()};
}

/// `size_bytes` in whole chunks, which need not be a power of two.
Result<std::uint64_t> ChunkPlacer::rounded(std::uint64_t size_bytes) const {
    const auto bumped = checked_add(size_bytes, chunk_size_ - 1);
    if (!bumped) {
        return fail(ENOMEM, "more than there are addresses");
    }
    return *bumped / chunk_size_ * chunk_size_;
}

}  // namespace ion
