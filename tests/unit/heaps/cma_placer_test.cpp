// SPDX-License-Identifier: Apache-2.0

#include "heaps/cma_placer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t kBase = 0x2d301000;  // an odd page

PlacedRange pages(std::uint64_t first, std::uint64_t count) {
    return {.base = kBase + first * kPageSize, .size = count * kPageSize};
}

class CmaPlacerTest : public ::testing::Test {
  protected:
    CmaPlacer make(CmaArea area) {
        return CmaPlacer(std::move(area), [this](const PlacedRange& range) {
            asked_.push_back(range);
            return asked_.size() <= answers_.size() ? answers_[asked_.size() - 1] : 0;
        });
    }

    static int error_of(Placer& placer, std::uint64_t page_count, std::uint64_t align = 0) {
        const auto ranges = placer.place({.size_bytes = page_count * kPageSize, .align_bytes = align});
        return ranges ? 0 : ranges.error().code;
    }

    static PlacedRange placed(Placer& placer, std::uint64_t page_count) {
        const auto ranges = placer.place({.size_bytes = page_count * kPageSize});
        EXPECT_TRUE(ranges) << ranges.error().context;
        return ranges ? ranges->at(0) : PlacedRange{};
    }

    std::vector<int> answers_;        // of the migrations to come; 0 once they are used up
    std::vector<PlacedRange> asked_;  // what was to be migrated
};

TEST_F(CmaPlacerTest, AlignsTheAddressToTheOrderOfTheSize) {
    auto placer = make({.region = pages(0, 64)});
    EXPECT_EQ(placed(placer, 1), pages(0, 1));
    EXPECT_EQ(placed(placer, 3).base, 0x2d304000U) << "three pages are of order 2";
    EXPECT_EQ(placed(placer, 9).base, 0x2d310000U);
    EXPECT_EQ(placed(placer, 1), pages(1, 1)) << "what was passed over is free";
}

TEST_F(CmaPlacerTest, AlignsToNoMoreThanItsLimit) {
    auto placer = make({.region = pages(0, 64), .max_align_order = 1});
    EXPECT_EQ(placed(placer, 16).base, 0x2d302000U);
}

TEST_F(CmaPlacerTest, GivesWholeBits) {
    auto placer = make({.region = {.base = 0x2d304000, .size = 64 * kPageSize}, .order_per_bit = 2});
    EXPECT_EQ(placed(placer, 1), (PlacedRange{0x2d304000, 4 * kPageSize}));
    EXPECT_EQ(placed(placer, 5), (PlacedRange{0x2d308000, 8 * kPageSize}));
    EXPECT_EQ(placer.usage().allocated, 12 * kPageSize);
}

TEST_F(CmaPlacerTest, GoesOnBehindABusyRangeByTheAlignment) {
    answers_ = {EBUSY, EBUSY};
    auto placer = make({.region = pages(0, 64)});
    EXPECT_EQ(placed(placer, 2), pages(5, 2));
    EXPECT_THAT(asked_, ElementsAre(pages(1, 2), pages(3, 2), pages(5, 2)));
    EXPECT_EQ(placer.usage().allocated, 2 * kPageSize) << "the busy ranges are free again";
}

TEST_F(CmaPlacerTest, TriesABusyRangeAgainForTheNextRequest) {
    answers_ = {EBUSY};
    auto placer = make({.region = pages(0, 64)});
    EXPECT_EQ(placed(placer, 1), pages(1, 1));
    EXPECT_EQ(placed(placer, 1), pages(0, 1));
}

TEST_F(CmaPlacerTest, HasNoMemoryWhenEveryRangeIsBusy) {
    answers_ = {EBUSY, EBUSY, EBUSY, EBUSY};
    auto placer = make({.region = pages(0, 4)});

    const auto ranges = placer.place({.size_bytes = kPageSize});

    ASSERT_FALSE(ranges);
    EXPECT_EQ(ranges.error().code, ENOMEM);
    EXPECT_THAT(ranges.error().context, HasSubstr("busy: 4096 bytes asked, 16384 free"));
    EXPECT_THAT(ranges.error().context, HasSubstr("4 ranges busy"));
    EXPECT_EQ(placer.usage().allocated, 0U);
}

TEST_F(CmaPlacerTest, GivesUpOnAnyOtherProblem) {
    answers_ = {EBUSY, EINTR};
    auto placer = make({.region = pages(0, 64)});

    EXPECT_EQ(error_of(placer, 1), ENOMEM);

    EXPECT_EQ(asked_.size(), 2U);
    EXPECT_EQ(placer.usage().allocated, 0U);
}

TEST_F(CmaPlacerTest, TellsFullFromFragmented) {
    auto placer = make({.region = pages(0, 8)});
    const PlacedRange taken = pages(3, 2);
    ASSERT_TRUE(placer.take({.size_bytes = 2 * kPageSize}, {&taken, 1}));
    EXPECT_THAT(placer.place({.size_bytes = 7 * kPageSize}).error().context,
                HasSubstr("full: 28672 bytes asked, 24576 free"));
    EXPECT_THAT(placer.place({.size_bytes = 4 * kPageSize}).error().context,
                HasSubstr("fragmented: 16384 bytes asked, 24576 free, longest run 12288"));
}

TEST_F(CmaPlacerTest, RefusesAnAlignmentAboveAPage) {
    auto placer = make({.region = pages(0, 8)});
    EXPECT_EQ(error_of(placer, 1, kPageSize), 0);
    EXPECT_EQ(error_of(placer, 1, 2 * kPageSize), EINVAL);
    EXPECT_EQ(error_of(placer, 1, UINT64_MAX), EINVAL);
}

TEST_F(CmaPlacerTest, RefusesSizesBeyondTheAreaWhateverTheyAre) {
    auto placer = make({.region = pages(0, 8)});
    EXPECT_EQ(error_of(placer, 9), ENOMEM);
    EXPECT_EQ(placer.place({.size_bytes = UINT64_MAX - kPageSize + 1}).error().code, ENOMEM);
    auto coarse = make({.region = {.base = 0x2d304000, .size = 8 * kPageSize}, .order_per_bit = 2});
    EXPECT_EQ(coarse.place({.size_bytes = UINT64_MAX - kPageSize + 1}).error().code, ENOMEM);
}

TEST_F(CmaPlacerTest, DropsAnAreaThatCrossesAZone) {
    auto placer = make({.region = pages(0, 8), .zones = {1 << 24, kBase + 7 * kPageSize}});

    EXPECT_FALSE(placer.activated());
    EXPECT_EQ(placer.usage().total, 0U);
    EXPECT_THAT(placer.place({.size_bytes = kPageSize}).error().context, HasSubstr("several memory zones"));
    EXPECT_EQ(error_of(placer, 1), ENOMEM);
    const PlacedRange range = pages(0, 1);
    EXPECT_EQ(placer.take({.size_bytes = kPageSize}, {&range, 1}).error().code, EINVAL);
}

TEST_F(CmaPlacerTest, KeepsAnAreaThatOnlyTouchesAZone) {
    EXPECT_TRUE(make({.region = pages(0, 8), .zones = {kBase, kBase + 8 * kPageSize}}).activated());
}

TEST_F(CmaPlacerTest, TakesWhatWasPlacedWithoutMovingIt) {
    auto placer = make({.region = pages(0, 8)});
    const PlacedRange range = pages(2, 2);
    ASSERT_TRUE(placer.take({.size_bytes = 2 * kPageSize}, {&range, 1}));
    EXPECT_TRUE(asked_.empty());
    EXPECT_EQ(placer.take({.size_bytes = 2 * kPageSize}, {&range, 1}).error().code, EEXIST);

    placer.release({&range, 1});
    EXPECT_EQ(placer.usage().largest_free, 8 * kPageSize);
}

TEST_F(CmaPlacerTest, TakesNothingElse) {
    auto placer = make({.region = pages(1, 8)});
    for (const PlacedRange& range : {pages(0, 2), pages(8, 2), pages(20, 2), pages(1, 3)}) {
        EXPECT_EQ(placer.take({.size_bytes = 2 * kPageSize}, {&range, 1}).error().code, EINVAL) << range.base;
    }
    const std::vector<PlacedRange> two{pages(1, 1), pages(2, 1)};
    EXPECT_EQ(placer.take({.size_bytes = 2 * kPageSize}, two).error().code, EINVAL);
    EXPECT_EQ(placer.usage().allocated, 0U);
}

}  // namespace
}  // namespace ion
