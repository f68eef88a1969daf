// SPDX-License-Identifier: Apache-2.0

#include "client/usage/refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden/golden_file.h"

namespace ion::usage {
namespace {

using ::testing::HasSubstr;

TEST(Refusals, ReadsWhatTheDaemonWrites) {
    const auto refusals = parse_refusals(golden("refusals.txt"));
    ASSERT_TRUE(refusals) << refusals.error().context;
    EXPECT_EQ(refusals->total, 71U);
    ASSERT_EQ(refusals->last.size(), 2U);
    EXPECT_EQ(refusals->last[0].error, "ENODEV");
    EXPECT_TRUE(refusals->last[0].heaps.empty());

    const Refusal& older = refusals->last[1];
    EXPECT_EQ(older.number, 70U);
    EXPECT_EQ(older.time, "2023-11-14T22:14:30Z");
    EXPECT_EQ(older.pid, 611);
    EXPECT_EQ(older.comm, "surface?flinger");
    EXPECT_EQ(older.bytes, 8388608U);
    EXPECT_EQ(older.heap_mask, 0x1000001U);
    EXPECT_EQ(older.flags, 1U);
    EXPECT_EQ(older.reason, "sf: fragmented");
    ASSERT_EQ(older.heaps.size(), 2U);
    EXPECT_EQ(older.heaps[0].total, 16777216U);
    EXPECT_EQ(older.heaps[0].free, 9437184U);
    EXPECT_EQ(older.heaps[0].largest_free, 4194304U);
    EXPECT_EQ(older.heaps[1].name, "system");
    EXPECT_EQ(older.heaps[1].allocated, 12288U);
    EXPECT_FALSE(older.heaps[1].total);
    ASSERT_EQ(older.holders.size(), 1U);
    EXPECT_EQ(older.holders[0].pid, 1232);
    EXPECT_EQ(older.holders[0].comm, "system_server");
    EXPECT_EQ(older.holders[0].bytes, 7340032U);
}

TEST(Refusals, MayBeNone) {
    const auto refusals = parse_refusals("refused 0 shown 0\n");
    ASSERT_TRUE(refusals) << refusals.error().context;
    EXPECT_TRUE(refusals->last.empty());
}

/// A program chooses its own name.
TEST(Refusals, NamesWithColonsAndFiguresStayNames) {
    const auto refusals = parse_refusals(
        "refused 1 shown 1\n#1 T pid 5 a:,pid_6: 1 bytes, align 0, heap mask 0x1, flags 0x0: ENOMEM\n"
        "  holder: pid 6 7:bytes 8 bytes\n");
    ASSERT_TRUE(refusals) << refusals.error().context;
    EXPECT_EQ(refusals->last[0].comm, "a:,pid_6");
    EXPECT_EQ(refusals->last[0].bytes, 1U);
    EXPECT_EQ(refusals->last[0].holders[0].comm, "7:bytes");
}

TEST(Refusals, LeavesOutDetailsOfALaterDaemon) {
    const std::string text = golden("refusals.txt") + "  something: else 1\n";
    const auto refusals = parse_refusals(text);
    ASSERT_TRUE(refusals) << refusals.error().context;
    EXPECT_EQ(refusals->last[1].holders.size(), 1U);
}

TEST(Refusals, RefusesWhatItDoesNotUnderstandByItsLine) {
    const std::string text = golden("refusals.txt");
    for (const char* line : {"#x", "#1 T pid 5 a: 1 bytes", "  heap sf: x allocated",
                             "  heap sf: 1 of 2 allocated", "  holder: pid x a 1 bytes", "something"}) {
        const auto refusals = parse_refusals(text + line + "\n");
        ASSERT_FALSE(refusals) << line;
        EXPECT_THAT(refusals.error().context, HasSubstr("refusals: line 9")) << line;
    }
    EXPECT_FALSE(parse_refusals("#1\n"));
}

}  // namespace
}  // namespace ion::usage
