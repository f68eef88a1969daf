// SPDX-License-Identifier: Apache-2.0

#include "heaps/free_runs.h"

#include <gtest/gtest.h>

#include <optional>

namespace ion {
namespace {

TEST(FreeRuns, FindNothingWhenEmpty) {
    const FreeRuns runs;
    EXPECT_EQ(runs.lowest_fit(1, 0x1000), std::nullopt);
    EXPECT_EQ(runs.at_or_below(~0ULL), std::nullopt);
    EXPECT_EQ(runs.longest(), 0U);
}

TEST(FreeRuns, FindTheLowestOfSeveralThatFit) {
    FreeRuns runs;
    runs.insert({.base = 0x9000, .size = 0x3000});
    runs.insert({.base = 0x1000, .size = 0x1000});
    runs.insert({.base = 0x4000, .size = 0x2000});

    const auto found = runs.lowest_fit(0x2000, 0x1000);

    EXPECT_EQ(found, (PlacedRange{.base = 0x4000, .size = 0x2000}));
}

TEST(FreeRuns, SkipRunsThatAreLongEnoughButNotAligned) {
    FreeRuns runs;
    runs.insert({.base = 0x1000, .size = 0x4000});
    runs.insert({.base = 0x11000, .size = 0x11000});

    const auto found = runs.lowest_fit(0x2000, 0x10000);

    EXPECT_EQ(found, (PlacedRange{.base = 0x11000, .size = 0x11000}));
}

TEST(FreeRuns, FindWhatIsAlignedToMoreThanTheyKeepFiguresFor) {
    FreeRuns runs;
    runs.insert({.base = FreeRuns::kMaxAlign, .size = FreeRuns::kMaxAlign});
    runs.insert({.base = 4 * FreeRuns::kMaxAlign, .size = 0x1000});

    const auto found = runs.lowest_fit(0x1000, 4 * FreeRuns::kMaxAlign);

    EXPECT_EQ(found, (PlacedRange{.base = 4 * FreeRuns::kMaxAlign, .size = 0x1000}));
}

TEST(FreeRuns, DoNotWrapWhenAligningAtTheTopOfTheAddresses) {
    FreeRuns runs;
    runs.insert({.base = ~0ULL - 0x1FFF, .size = 0x1000});
    EXPECT_EQ(runs.lowest_fit(0x1000, 1ULL << 63), std::nullopt);
}

TEST(FreeRuns, FindTheRunAtOrBelowAnAddress) {
    FreeRuns runs;
    runs.insert({.base = 0x1000, .size = 0x1000});
    runs.insert({.base = 0x5000, .size = 0x1000});

    EXPECT_EQ(runs.at_or_below(0xFFF), std::nullopt);
    EXPECT_EQ(runs.at_or_below(0x4FFF)->base, 0x1000U);
    EXPECT_EQ(runs.at_or_below(0x5000)->base, 0x5000U);
}

TEST(FreeRuns, ForgetAnErasedRun) {
    FreeRuns runs;
    runs.insert({.base = 0x1000, .size = 0x5000});
    runs.insert({.base = 0x8000, .size = 0x1000});

    runs.erase(0x1000);

    EXPECT_EQ(runs.longest(), 0x1000U);
    EXPECT_EQ(runs.count(), 1U);
    EXPECT_EQ(runs.lowest_fit(0x2000, 0x1000), std::nullopt);
}

TEST(FreeRuns, FindAResizedRunAtItsNewPlace) {
    FreeRuns runs;
    runs.insert({.base = 0x1000, .size = 0x5000});
    runs.insert({.base = 0x8000, .size = 0x1000});

    runs.resize(0x1000, {.base = 0x3000, .size = 0x3000});

    EXPECT_EQ(runs.longest(), 0x3000U);
    EXPECT_EQ(runs.count(), 2U);
    EXPECT_EQ(runs.at_or_below(0x7000), (PlacedRange{.base = 0x3000, .size = 0x3000}));
    EXPECT_EQ(runs.at_or_below(0x2000), std::nullopt);
}

}  // namespace
}  // namespace ion
