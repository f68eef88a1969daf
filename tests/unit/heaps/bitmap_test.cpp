// SPDX-License-Identifier: Apache-2.0

#include "heaps/bitmap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace ion {
namespace {

TEST(Bitmap, FindsNothingWhereItHasNoBits) {
    const Bitmap none(0);
    EXPECT_EQ(none.next_clear(0, 0), 0U);
    EXPECT_EQ(none.next_clear_run(0, 1, 0, 0), 0U);
    EXPECT_EQ(none.longest_clear_run(), 0U);
}

TEST(Bitmap, SetsAndClearsAcrossWords) {
    Bitmap bits(200);
    bits.set(60, 80);
    EXPECT_EQ(bits.next_set(0, 200), 60U);
    EXPECT_EQ(bits.next_clear(60, 200), 140U);
    bits.clear(64, 64);
    EXPECT_EQ(bits.next_clear(60, 200), 64U);
    EXPECT_EQ(bits.next_set(64, 200), 128U);
    EXPECT_EQ(bits.longest_clear_run(), 64U);
}

TEST(Bitmap, FindsNoBitBeyondTheEndAskedFor) {
    Bitmap bits(130);
    bits.set(129, 1);
    EXPECT_EQ(bits.next_set(0, 129), 129U);
    EXPECT_EQ(bits.next_set(0, 130), 129U);
    EXPECT_EQ(bits.next_clear(129, 130), 130U);
    EXPECT_EQ(bits.next_clear(500, 130), 130U);
}

TEST(Bitmap, AlignsABitWithTheOffsetAdded) {
    const Bitmap bits(64);
    EXPECT_EQ(bits.next_clear_run(0, 1, 7, 0), 0U);
    EXPECT_EQ(bits.next_clear_run(0, 1, 7, 3), 5U);
    EXPECT_EQ(bits.next_clear_run(6, 1, 7, 3), 13U);
}

TEST(Bitmap, AnswersItsSizeOrMoreForARunThatItDoesNotHave) {
    Bitmap bits(64);
    EXPECT_GE(bits.next_clear_run(0, 65, 0, 0), 64U);
    EXPECT_GE(bits.next_clear_run(1, 64, 0, 0), 64U);
    EXPECT_GE(bits.next_clear_run(1000, 1, 0, 0), 64U);
    EXPECT_GE(bits.next_clear_run(0, SIZE_MAX, 0, 0), 64U);
    bits.set(0, 64);
    EXPECT_GE(bits.next_clear_run(0, 1, 0, 0), 64U);
}

/// A bitmap and the same bits as flags, changed at random.
struct Both {
    explicit Both(std::mt19937& random, std::size_t longest_change)
        : bits(1 + random() % 700), flags(bits.size()) {
        for (int i = 0; i < 20; ++i) {
            const std::size_t first = random() % flags.size();
            const std::size_t count = random() % std::min(flags.size() - first + 1, longest_change);
            const bool on = random() % 2 == 0;
            on ? bits.set(first, count) : bits.clear(first, count);
            std::fill_n(flags.begin() + static_cast<std::ptrdiff_t>(first), count, on);
        }
    }

    Bitmap bits;
    std::vector<bool> flags;
};

TEST(Bitmap, FindsTheBitsThatALoopOverEachFinds) {
    std::mt19937 random(1);
    for (int round = 0; round < 2000; ++round) {
        const Both both(random, 150);
        const std::size_t from = random() % both.flags.size();
        const std::size_t end = from + random() % (both.flags.size() - from + 1);
        for (const bool wanted : {true, false}) {
            std::size_t expected = from;
            while (expected < end && both.flags[expected] != wanted) {
                ++expected;
            }
            ASSERT_EQ(wanted ? both.bits.next_set(from, end) : both.bits.next_clear(from, end), expected)
                << "round " << round;
        }
    }
}

TEST(Bitmap, FindsTheRunsThatALoopOverEachBitFinds) {
    std::mt19937 random(1);
    int found = 0;
    for (int round = 0; round < 20'000; ++round) {
        const Both both(random, round % 2 == 0 ? 20 : 300);
        const std::size_t from = random() % both.flags.size();
        const std::size_t count = 1 + random() % (random() % 2 == 0 ? 12 : 150);
        const std::size_t mask = (std::size_t{1} << random() % 9) - 1;
        const std::size_t offset = random() % (mask + 1);
        std::size_t expected = from;
        const auto fits = [&](std::size_t first) {
            return (first + offset) % (mask + 1) == 0 &&
                   std::none_of(both.flags.begin() + static_cast<std::ptrdiff_t>(first),
                                both.flags.begin() + static_cast<std::ptrdiff_t>(first + count),
                                [](bool taken) { return taken; });
        };
        while (expected + count <= both.flags.size() && !fits(expected)) {
            ++expected;
        }
        const std::size_t first = both.bits.next_clear_run(from, count, mask, offset);
        if (expected + count > both.flags.size()) {
            ASSERT_GE(first, both.flags.size()) << "round " << round;
        } else {
            ASSERT_EQ(first, expected) << "round " << round;
            ++found;
        }
    }
    EXPECT_GT(found, 2000);
}

}  // namespace
}  // namespace ion
