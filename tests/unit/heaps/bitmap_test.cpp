// SPDX-License-Identifier: Apache-2.0

#include "heaps/bitmap.h"

#include <gtest/gtest.h>

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

TEST(Bitmap, FindsWhatALoopOverEachBitFinds) {
    std::mt19937 random(1);
    for (int round = 0; round < 2000; ++round) {
        const std::size_t size = 1 + random() % 300;
        Bitmap bits(size);
        std::vector<bool> flags(size);
        for (int i = 0; i < 12; ++i) {
            const std::size_t first = random() % size;
            const std::size_t count = random() % std::min<std::size_t>(size - first + 1, 70);
            const bool on = random() % 2 == 0;
            on ? bits.set(first, count) : bits.clear(first, count);
            std::fill_n(flags.begin() + static_cast<std::ptrdiff_t>(first), count, on);
        }
        const std::size_t from = random() % size;
        const std::size_t end = from + random() % (size - from + 1);
        std::size_t expected = from;
        while (expected < end && !flags[expected]) {
            ++expected;
        }
        ASSERT_EQ(bits.next_set(from, end), expected) << "round " << round;
        expected = from;
        while (expected < end && flags[expected]) {
            ++expected;
        }
        ASSERT_EQ(bits.next_clear(from, end), expected) << "round " << round;
    }
}

}  // namespace
}  // namespace ion
