// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/checked_math.h"

#include <gtest/gtest.h>

#include <limits>

namespace ion {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(CheckedMath, AddsUpToTheLargestNumber) {
    EXPECT_EQ(checked_add(2, 3), 5U);
    EXPECT_EQ(checked_add(kMax, 0), kMax);
    EXPECT_EQ(checked_add(kMax - 7, 7), kMax);
    EXPECT_EQ(checked_add(kMax, 1), std::nullopt);
    EXPECT_EQ(checked_add(kMax, kMax), std::nullopt);
}

TEST(CheckedMath, MultipliesUpToTheLargestNumber) {
    EXPECT_EQ(checked_mul(6, 7), 42U);
    EXPECT_EQ(checked_mul(kMax, 0), 0U);
    EXPECT_EQ(checked_mul(kMax, 1), kMax);
    EXPECT_EQ(checked_mul(1ULL << 63, 2), std::nullopt);
}

TEST(CheckedMath, RoundsUpUnlessThatOverflows) {
    EXPECT_EQ(checked_round_up(0, kPageSize), 0U);
    EXPECT_EQ(checked_round_up(1, kPageSize), kPageSize);
    EXPECT_EQ(checked_round_up(kPageSize, kPageSize), kPageSize);
    EXPECT_EQ(checked_round_up(kPageSize + 1, kPageSize), 2 * kPageSize);
    EXPECT_EQ(checked_round_up(kMax - kPageSize + 1, kPageSize), kMax - kPageSize + 1);
    EXPECT_EQ(checked_round_up(kMax - kPageSize + 2, kPageSize), std::nullopt);
    EXPECT_EQ(checked_round_up(kMax, 1), kMax);
}

TEST(CheckedMath, KnowsPowersOfTwo) {
    EXPECT_FALSE(is_power_of_two(0));
    EXPECT_TRUE(is_power_of_two(1));
    EXPECT_TRUE(is_power_of_two(1ULL << 63));
    EXPECT_FALSE(is_power_of_two(3));
    EXPECT_FALSE(is_power_of_two(kMax));
}

}  // namespace
}  // namespace ion
