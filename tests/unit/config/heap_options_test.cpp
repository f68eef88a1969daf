// SPDX-License-Identifier: Apache-2.0
//
// [heap.options]: checked by what the heap's type declares.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/config_testing.h"

namespace ion {
namespace {

/// A chunk heap with these lines of options; the first of them is line 6 of a.toml.
std::string chunk(const std::string& options) {
    return kEmpty + heap_table("chunk", "c", "size = \"1M\"\n[heap.options]\n" + options);
}

TEST(HeapOptions, HaveTheirInitialValuesWithoutATable) {
    const Config config = parsed({kEmpty + heap_table("chunk", "c", "size = \"1M\"")});
    EXPECT_EQ(config.heaps[0].options, initial_options(kTestOptions));
}

TEST(HeapOptions, ReadEveryKindAndKeepTheInitialValueOfTheOthers) {
    const Config config = parsed({chunk("chunk_size = \"64K\"\npools = false\nlabel = \"x\"\norder = 9")});
    const Options& options = config.heaps[0].options;
    EXPECT_EQ(options.number("chunk_size"), 65536U);
    EXPECT_FALSE(options.flag("pools"));
    EXPECT_EQ(options.text("label"), "x");
    EXPECT_EQ(options.number("order"), 9U);
    EXPECT_EQ(options.number("limit"), 0U);
}

TEST(HeapOptions, MayStandBeforeTheTypeAndInline) {
    const Config config =
        parsed({kEmpty + "heap = [{options = {order = 2}, size = 4096, name = \"c\", type = \"chunk\"}]"});
    EXPECT_EQ(config.heaps[0].options.number("order"), 2U);
}

TEST(HeapOptions, ReachTheirLimits) {
    const Config config = parsed({chunk("chunk_size = 4096\nlimit = \"18446744073709551615\"")});
    EXPECT_EQ(config.heaps[0].options.number("chunk_size"), 4096U);
    EXPECT_EQ(config.heaps[0].options.number("limit"), UINT64_MAX);
    EXPECT_EQ(parsed({chunk("chunk_size = \"1M\"")}).heaps[0].options.number("chunk_size"), 1U << 20);
}

TEST(HeapOptions, GoWithTheTableThatALaterTextReplaces) {
    const Config config = parsed({chunk("order = 2\npools = false"),
                                  heap_table("chunk", "c", "size = \"1M\"\n[heap.options]\norder = 3")});
    EXPECT_EQ(config.heaps[0].options.number("order"), 3U);
    EXPECT_TRUE(config.heaps[0].options.flag("pools"));
}

class HeapOptionMistake : public testing::TestWithParam<Mistake> {};

TEST_P(HeapOptionMistake, IsRefusedWithItsPlaceKeyAndReason) {
    expect_refusal(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    All, HeapOptionMistake,
    testing::Values(
        mistake_in("NoTable", kEmpty + heap_table("chunk", "c", "options = 1"),
                   "a.toml:5:11: heap.options: must be a table"),
        mistake_in(
            "Unknown", chunk("ordr = 1"),
            "a.toml:7:1: heap.options.ordr: unknown key; known are chunk_size, order, limit, pools, label"),
        mistake_in("TypeWithoutOptions", kEmpty + heap_table("system", "s", "[heap.options]\norder = 1"),
                   "a.toml:6:1: heap.options.order: a system heap has no options"),
        mistake_in("FirstOfTwo", chunk("pools = 1\norder = -1"),
                   "a.toml:7:9: heap.options.pools: must be true or false"),
        mistake_in("SizeAbove", chunk("chunk_size = \"2M\""),
                   "a.toml:7:14: heap.options.chunk_size: must be 4096 to 1048576, not 2097152"),
        mistake_in("SizeBelow", chunk("chunk_size = 1"),
                   "a.toml:7:14: heap.options.chunk_size: must be 4096 to 1048576, not 1"),
        mistake_in(
            "SizeWord", chunk("chunk_size = \"4KB\""),
            "a.toml:7:14: heap.options.chunk_size: \"4KB\" is not a number of bytes with an optional K, "
            "M or G"),
        mistake_in("IntegerIsNoSize", chunk("order = \"1K\""),
                   "a.toml:7:9: heap.options.order: must be an integer"),
        mistake_in("IntegerAbove", chunk("order = 10"),
                   "a.toml:7:9: heap.options.order: must be 0 to 9, not 10"),
        mistake_in("IntegerNegative", chunk("order = -1"),
                   "a.toml:7:9: heap.options.order: must not be negative"),
        mistake_in("Boolean", chunk("pools = \"yes\""),
                   "a.toml:7:9: heap.options.pools: must be true or false"),
        mistake_in("Text", chunk("label = true"), "a.toml:7:9: heap.options.label: must be a string")),
    case_name);

}  // namespace
}  // namespace ion
