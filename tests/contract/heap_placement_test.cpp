// SPDX-License-Identifier: Apache-2.0
//
// Contract: where buffers lie, and what is refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/contract/heap_contract.h"

namespace ion {
namespace {

class HeapPlacement : public HeapContract {};

TEST_P(HeapPlacement, PlacesBuffersWithinTheRegionWithoutOverlap) {
    std::vector<std::unique_ptr<Backing>> held;
    std::vector<PlacedRange> ranges;
    for (const std::uint64_t pages : {1U, 3U, 2U, 7U}) {
        held.push_back(allocate(pages));
        const auto placement = held.back()->placement();
        EXPECT_EQ(placement.empty(), !heap_->has_addresses());
        ranges.insert(ranges.end(), placement.begin(), placement.end());
    }
    std::ranges::sort(ranges, {}, &PlacedRange::base);
    std::uint64_t end = kRegionBase;
    for (const PlacedRange& range : ranges) {
        EXPECT_GE(range.base, end);
        end = range.base + range.size;
    }
    EXPECT_LE(end, kRegionBase + kRegionSize);
}

TEST_P(HeapPlacement, PlacesAtTheAlignmentAskedForOrRefuses) {
    for (const std::uint64_t align : {0ULL, 1ULL, 4096ULL, 8192ULL, 65536ULL}) {
        const auto backing = heap_->allocate({.size_bytes = kPageSize, .align_bytes = align});
        if (!backing) {
            EXPECT_EQ(backing.error().code, EINVAL) << align;
            EXPECT_GT(align, kPageSize);
            continue;
        }
        for (const PlacedRange& range : (*backing)->placement()) {
            EXPECT_EQ(range.base % std::max<std::uint64_t>(align, kPageSize), 0U) << align;
        }
    }
}

TEST_P(HeapPlacement, RefusesSizesAndAlignmentsThatCannotBe) {
    EXPECT_EQ(error_of(0), EINVAL);
    EXPECT_EQ(error_of(kPageSize + 1), EINVAL);
    EXPECT_EQ(error_of(kPageSize, ~0ULL), EINVAL);
    EXPECT_EQ(error_of(kPageSize, 0xFFFFFFFF), EINVAL);
    EXPECT_EQ(heap_->usage().allocated, 0U);
}

TEST_P(HeapPlacement, HasNoMemoryForMoreThanItsLimit) {
    EXPECT_EQ(error_of(kRegionSize / 2), 0);  // the whole may begin at an address too odd for a heap
    EXPECT_EQ(error_of(kRegionSize + kPageSize), ENOMEM);
    EXPECT_EQ(error_of(~0ULL - kPageSize + 1), ENOMEM);
    EXPECT_EQ(heap_->usage().allocated, 0U);
}

/// Heaps that can be exhausted: those without a region are limited by the machine's memory only.
class HeapRegion : public HeapContract {
  protected:
    std::vector<std::unique_ptr<Backing>> exhaust(std::uint64_t pages) {
        std::vector<std::unique_ptr<Backing>> held;
        for (;;) {
            auto backing = heap_->allocate({.size_bytes = pages * kPageSize});
            if (!backing) {
                EXPECT_EQ(backing.error().code, ENOMEM) << backing.error().context;
                return held;
            }
            held.push_back(*std::move(backing));
        }
    }
};

TEST_P(HeapRegion, RecoversFromExhaustionInAnyOrderOfRelease) {
    const std::uint64_t total = heap_->usage().total;
    const std::uint64_t untouched = heap_->usage().largest_free;  // the region, unless blocks must be aligned
    EXPECT_GE(untouched, total / 2);
    for (const bool forwards : {true, false}) {
        auto held = exhaust(1);
        EXPECT_EQ(heap_->usage().allocated, total);
        EXPECT_EQ(heap_->usage().largest_free, 0U);
        while (!held.empty()) {
            held.erase(forwards ? held.begin() : held.end() - 1);
        }
        EXPECT_EQ(heap_->usage().allocated, 0U);
        EXPECT_EQ(heap_->usage().largest_free, untouched);
        EXPECT_EQ(error_of(total / 2),
                  0);  // not all: cma aligns to the size, and the region is not so aligned
    }
}

TEST_P(HeapRegion, HasRoomAgainForWhatWasGivenBackInTheMiddle) {
    auto held = exhaust(4);
    ASSERT_GT(held.size(), 3U);
    held.erase(held.begin() + 1);
    EXPECT_EQ(error_of(4 * kPageSize), 0);
    held.push_back(allocate(4));
    EXPECT_EQ(error_of(4 * kPageSize), ENOMEM);
}

INSTANTIATE_TEST_SUITE_P(Heaps, HeapPlacement, ::testing::ValuesIn(cases_of(all_types())), case_name);
INSTANTIATE_TEST_SUITE_P(Heaps, HeapRegion, ::testing::ValuesIn(cases_of(region_types())), case_name);

}  // namespace
}  // namespace ion
