// SPDX-License-Identifier: Apache-2.0
//
// [limits], [heap.limits], uids, gids and mode.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config/limit_tables.h"
#include "tests/unit/config/config_testing.h"

namespace ion {
namespace {

const AmountSettings& of(const LimitSettings& limits, Scope scope) {
    return limits[static_cast<std::size_t>(scope)];
}

TEST(ConfigLimits, OfALaterTextReplaceOnlyWhatItSays) {
    const Config config =
        parsed({"[limits.client]\nbytes = \"512M\"\nbuffers = 10\n[limits.uid]\nhandles = 5",
                "[limits.client]\nbuffers = \"none\""});
    EXPECT_EQ(of(config.limits, Scope::kClient).bytes, 512U << 20);
    EXPECT_EQ(of(config.limits, Scope::kClient).buffers, kUnlimited);
    EXPECT_EQ(of(config.limits, Scope::kClient).handles, std::nullopt);
    EXPECT_EQ(of(config.limits, Scope::kUid).handles, 5U);
    EXPECT_EQ(of(config.limits, Scope::kCgroup).bytes, std::nullopt);
}

TEST(ConfigLimits, OfAHeapAreItsOwn) {
    const Config config = parsed({kEmpty + heap_table("system", "a", "[heap.limits.total]\nbytes = 4096") +
                                  heap_table("system", "b")});
    Limits expected = kNoLimits;
    expected[static_cast<std::size_t>(Scope::kTotal)].bytes = 4096;
    EXPECT_EQ(heap_named(config, "a").rules.limits, expected);
    EXPECT_EQ(heap_named(config, "b").rules, (HeapRules{}));
}

TEST(ConfigLimits, ThoseWhoAreNamedMayAndNobodyElse) {
    const Config config = parsed({kEmpty + heap_table("system", "a", "gids = [44, 100]") +
                                  heap_table("system", "b", "uids = [7]\nmode = \"0002\"")});
    EXPECT_EQ(heap_named(config, "a").rules.access, (Access{{}, {44, 100}, 0220}));
    EXPECT_EQ(heap_named(config, "b").rules.access, (Access{{7}, {}, 0002})) << "all but 7";
}

class LimitMistake : public testing::TestWithParam<Mistake> {};

TEST_P(LimitMistake, IsRefusedWithItsPlaceKeyAndReason) {
    expect_refusal(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Text, LimitMistake,
    testing::Values(
        mistake_in("Scope", "[limits.pid]",
                   "a.toml:1:9: limits.pid: unknown key; known are client, uid, cgroup"),
        mistake_in("TotalIsOfHeaps", "[limits.total]",
                   "a.toml:1:9: limits.total: unknown key; known are client, uid, cgroup"),
        mistake_in("Amount", "[limits.uid]\nfiles = 1",
                   "a.toml:2:1: limits.uid.files: unknown key; known are bytes, buffers, handles"),
        mistake_in("Zero", "[limits.uid]\nbuffers = 0",
                   "a.toml:2:11: limits.uid.buffers: must be at least 1, not 0"),
        mistake_in("Word", "[limits.uid]\nbytes = \"much\"",
                   "a.toml:2:9: limits.uid.bytes: must be bytes, such as \"64M\", or \"none\""),
        mistake_in("Buffers", "[limits.uid]\nbuffers = \"4K\"",
                   "a.toml:2:11: limits.uid.buffers: must be a number above 0, or \"none\""),
        mistake_in("Ids", heap_table("system", "a", "uids = 3"),
                   "a.toml:4:8: heap.uids: must be a list of ids, such as [0, 1000]"),
        mistake_in("Id", heap_table("system", "a", "gids = [-1]"),
                   "a.toml:4:9: heap.gids: must not be negative"),
        mistake_in("Mode", heap_table("system", "a", "mode = \"0644\""),
                   "a.toml:4:8: heap.mode: must be octal and of write bits alone, such as \"0220\"")),
    case_name);

}  // namespace
}  // namespace ion
