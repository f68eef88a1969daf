// SPDX-License-Identifier: Apache-2.0

#include "heaps/range_allocator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kBase = 0x2d301000;  // no multiple of 8 KiB

PlacedRange pages(std::uint64_t first, std::uint64_t count) {
    return {.base = kBase + first * kPageSize, .size = count * kPageSize};
}

/// What allocate() gave; fails the test when it gave nothing.
PlacedRange must_allocate(RangeAllocator& ranges, std::uint64_t page_count, std::uint64_t align = 1) {
    const auto range = ranges.allocate(page_count * kPageSize, align);
    EXPECT_TRUE(range) << range.error().context;
    return range ? *range : PlacedRange{};
}

TEST(RangeAllocator, PlacesFromTheLowestAddress) {
    RangeAllocator ranges(pages(0, 8));
    EXPECT_EQ(must_allocate(ranges, 2), pages(0, 2));
    EXPECT_EQ(must_allocate(ranges, 1), pages(2, 1));
}

TEST(RangeAllocator, TakesTheFirstHoleThatFitsAndNotTheBest) {
    RangeAllocator ranges(pages(0, 16));
    ASSERT_TRUE(ranges.take(pages(4, 1)));
    ASSERT_TRUE(ranges.take(pages(7, 1)));  // holes of 4, 2 and 8 pages
    EXPECT_EQ(must_allocate(ranges, 2), pages(0, 2));
}

TEST(RangeAllocator, AlignsTheAddressAndNotTheOffset) {
    RangeAllocator ranges(pages(0, 32));
    EXPECT_EQ(must_allocate(ranges, 1, 0x10000).base, 0x2d310000U);
    EXPECT_EQ(must_allocate(ranges, 1).base, kBase) << "what lies before an aligned range stays free";
}

TEST(RangeAllocator, FillsTheRegionToItsLastPage) {
    RangeAllocator ranges(pages(0, 4));
    EXPECT_EQ(must_allocate(ranges, 4), pages(0, 4));
    EXPECT_EQ(ranges.free_bytes(), 0U);
    EXPECT_EQ(ranges.largest_free(), 0U);
    EXPECT_EQ(ranges.free_runs(), 0U);
}

TEST(RangeAllocator, WorksAtTheVeryTopOfTheAddresses) {
    RangeAllocator ranges({.base = ~0ULL - 4 * kPageSize + 1 - kPageSize, .size = 4 * kPageSize});
    const PlacedRange range = must_allocate(ranges, 4);
    ranges.release(range);
    EXPECT_EQ(ranges.free_bytes(), 4 * kPageSize);
}

TEST(RangeAllocator, RefusesWhatIsNoSizeOrNoAlignment) {
    struct Case {
        std::uint64_t size;
        std::uint64_t align;
    };
    RangeAllocator ranges(pages(0, 8));
    for (const Case& c : {Case{0, 1}, Case{100, 1}, Case{kPageSize, 0}, Case{kPageSize, 3},
                          Case{kPageSize, 12288}, Case{kPageSize, ~0ULL}}) {
        const auto range = ranges.allocate(c.size, c.align);
        ASSERT_FALSE(range) << c.size << " " << c.align;
        EXPECT_EQ(range.error().code, EINVAL) << c.size << " " << c.align;
    }
    EXPECT_EQ(ranges.free_bytes(), 8 * kPageSize);
}

TEST(RangeAllocator, SaysFullWhenTooLittleIsFree) {
    RangeAllocator ranges(pages(0, 4));
    must_allocate(ranges, 3);

    const auto range = ranges.allocate(2 * kPageSize, 1);

    ASSERT_FALSE(range);
    EXPECT_EQ(range.error().code, ENOMEM);
    EXPECT_THAT(range.error().context, HasSubstr("full: 8192 bytes asked, 4096 free"));
}

TEST(RangeAllocator, SaysFragmentedWhenEnoughIsFreeInPieces) {
    RangeAllocator ranges(pages(0, 5));
    ASSERT_TRUE(ranges.take(pages(2, 1)));

    const auto range = ranges.allocate(3 * kPageSize, 1);

    ASSERT_FALSE(range);
    EXPECT_EQ(range.error().code, ENOMEM);
    EXPECT_THAT(range.error().context,
                HasSubstr("fragmented: 12288 bytes asked, 16384 free, longest run 8192"));
}

TEST(RangeAllocator, JoinsAReleasedRangeWithItsFreeNeighbours) {
    RangeAllocator ranges(pages(0, 3));
    const PlacedRange a = must_allocate(ranges, 1);
    const PlacedRange b = must_allocate(ranges, 1);
    const PlacedRange c = must_allocate(ranges, 1);

    ranges.release(a);
    ranges.release(c);
    EXPECT_EQ(ranges.free_runs(), 2U);
    EXPECT_EQ(ranges.largest_free(), kPageSize);

    ranges.release(b);
    EXPECT_EQ(ranges.free_runs(), 1U);
    EXPECT_EQ(ranges.largest_free(), 3 * kPageSize);
    EXPECT_EQ(ranges.free_bytes(), 3 * kPageSize);
}

TEST(RangeAllocator, TakesAGivenRangeOnce) {
    RangeAllocator ranges(pages(0, 8));
    ASSERT_TRUE(ranges.take(pages(3, 2)));
    for (const PlacedRange& again :
         {pages(3, 2), pages(3, 1), pages(4, 1), pages(2, 2), pages(4, 2), pages(0, 8)}) {
        const auto taken = ranges.take(again);
        ASSERT_FALSE(taken);
        EXPECT_EQ(taken.error().code, EEXIST);
    }
    EXPECT_EQ(ranges.free_bytes(), 6 * kPageSize);
}

TEST(RangeAllocator, RefusesToTakeWhatIsNotOfTheRegion) {
    RangeAllocator ranges(pages(1, 4));
    const PlacedRange wrong[] = {pages(0, 1),
                                 pages(4, 2),
                                 pages(5, 1),
                                 pages(2, 0),
                                 {.base = kBase + kPageSize + 1, .size = kPageSize},
                                 {.base = kBase + kPageSize, .size = 100},
                                 {.base = kBase + 2 * kPageSize, .size = ~0ULL - kPageSize + 1}};
    for (const PlacedRange& range : wrong) {
        const auto taken = ranges.take(range);
        ASSERT_FALSE(taken) << range.base << " " << range.size;
        EXPECT_EQ(taken.error().code, EINVAL) << range.base << " " << range.size;
    }
}

}  // namespace
}  // namespace ion
