// SPDX-License-Identifier: Apache-2.0
//
// Where heaps are placed, and which tables are no platform.

#include "daemon/config/platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/config/ranges.h"
#include "tests/unit/config/config_testing.h"

namespace ion {
namespace {

using testing::HasSubstr;

/// 16 MiB at 256 MiB, and 1 MiB at 64 MiB.
const std::string kSmall = kEmpty +
                           "[memory.ebi]\nbase = 0x10000000\nsize = \"16M\"\n"
                           "[memory.smi]\nbase = 0x4000000\nsize = \"1M\"\n";

std::string carveout(const std::string& name, const std::string& more) {
    return heap_table("carveout", name, more);
}

std::uint64_t base_of(const Config& config, const std::string& name) {
    return heap_named(config, name).base;
}

std::string error_of(const std::string& text) {
    const auto config = parse({text});
    EXPECT_FALSE(config);
    return config ? "" : config.error().context;
}

TEST(Placement, BeginsAtTheLowEndByAscendingId) {
    const Config config = parsed({kSmall + carveout("b", "id = 9\nsize = \"2M\"") +
                                  carveout("a", "id = 3\nsize = \"1M\"\nposition = \"low\"")});
    EXPECT_EQ(base_of(config, "a"), 0x10000000U);
    EXPECT_EQ(base_of(config, "b"), 0x10100000U);
}

TEST(Placement, DoesNotDependOnTheOrderOfTables) {
    const std::vector<std::string> tables{
        carveout("a", "id = 1\nsize = \"1M\""), carveout("b", "id = 2\nsize = \"3M\"\nposition = \"high\""),
        carveout("c", "id = 3\nsize = \"2M\"\nadjacent = \"d\""), carveout("d", "id = 4\nsize = \"1M\""),
        carveout("e", "id = 5\nsize = 4096\nbase = 0x10000000")};
    std::vector<std::size_t> order{0, 1, 2, 3, 4};
    const auto text_in = [&](const std::vector<std::size_t>& by) {
        std::string text = kSmall;
        for (const std::size_t index : by) {
            text += tables[index];
        }
        return text;
    };
    const Config first = parsed({text_in(order)});
    while (std::ranges::next_permutation(order).found) {
        const Config other = parsed({text_in(order)});
        for (const HeapConfig& heap : first.heaps) {
            EXPECT_EQ(heap_named(other, heap.name).base, heap.base) << heap.name;
        }
    }
}

TEST(Placement, KeepsHeapsWhereTheyAreWhenOneOfAHigherIdComes) {
    const std::string before = kSmall + carveout("a", "id = 1\nsize = \"1M\"") +
                               carveout("b", "id = 2\nsize = \"3M\"\nposition = \"middle\"");
    const Config old = parsed({before});
    const Config extended = parsed({before + carveout("c", "id = 3\nsize = \"4M\"\nposition = \"middle\"")});
    EXPECT_EQ(base_of(extended, "a"), base_of(old, "a"));
    EXPECT_EQ(base_of(extended, "b"), base_of(old, "b"));
}

TEST(Placement, HonoursPositionAndMemory) {
    const Config config = parsed({kSmall + carveout("low", "size = \"1M\"\nposition = \"low\"") +
                                  carveout("middle", "size = \"2M\"\nposition = \"middle\"") +
                                  carveout("high", "size = \"1M\"\nposition = \"high\"") +
                                  carveout("none", "size = \"1M\"\nposition = \"none\"") +
                                  carveout("smi", "size = \"1M\"\nmemory = \"smi\"")});
    EXPECT_EQ(base_of(config, "low"), 0x10000000U);
    EXPECT_EQ(base_of(config, "middle"), 0x10700000U);
    EXPECT_EQ(base_of(config, "high"), 0x10f00000U);
    EXPECT_EQ(base_of(config, "none"), 0x10100000U);
    EXPECT_EQ(base_of(config, "smi"), 0x4000000U);
}

TEST(Placement, TakesTheFreePlaceNearestToTheMiddle) {
    const Config config = parsed({kSmall + carveout("fixed", "base = 0x10400000\nsize = \"6M\"") +
                                  carveout("x", "id = 7\nsize = \"2M\"\nposition = \"middle\"") +
                                  carveout("y", "id = 8\nsize = \"2M\"\nposition = \"middle\"")});
    EXPECT_EQ(base_of(config, "x"), 0x10a00000U);
    EXPECT_EQ(base_of(config, "y"), 0x10200000U);
}

TEST(Placement, AlignsTheBase) {
    const Config config = parsed({kSmall + carveout("a", "id = 1\nsize = 4096") +
                                  carveout("b", "id = 2\nsize = 4096\nalign = \"1M\"") +
                                  carveout("c", "id = 3\nsize = 4096\nalign = \"1M\"\nposition = \"high\"")});
    EXPECT_EQ(base_of(config, "b"), 0x10100000U);
    EXPECT_EQ(base_of(config, "c"), 0x10f00000U);
}

TEST(Placement, FillsTheMemoryToTheLastPageAndNoFurther) {
    const std::string full = kSmall + carveout("a", "id = 1\nsize = \"16M\"");
    EXPECT_EQ(base_of(parsed({full}), "a"), 0x10000000U);
    EXPECT_EQ(
        error_of(full + carveout("b", "id = 2\nsize = 4096")),
        "a.toml:13:1: heap.size: no room for heap \"b\", 4096 bytes at multiples of 4096, in memory.ebi "
        "[0x10000000, 0x11000000); its longest free run has 0");
}

TEST(Placement, ReadsWindowsKeyByKeyOfSeveralTexts) {
    const Config config =
        parsed({kSmall + carveout("a", "size = \"1M\""), "[memory.ebi]\nbase = 0x30000000"});
    EXPECT_EQ(base_of(config, "a"), 0x30000000U);
}

TEST(Placement, SharesOutWindowsThatOverlap) {
    const Config config =
        parsed({kEmpty + "[memory.ebi]\nbase = 0x10000000\n[memory.smi]\nbase = 0x10000000\n" +
                carveout("a", "size = \"1M\"") + carveout("b", "size = \"1M\"\nmemory = \"smi\"")});
    EXPECT_EQ(base_of(config, "a"), 0x10000000U);
    EXPECT_EQ(base_of(config, "b"), 0x10100000U);
}

TEST(Placement, NeverOverlapsAndIsTheSameAgain) {
    std::string text = kSmall;
    for (int i = 0; i < 20; ++i) {
        const char* const positions[] = {"none", "low", "middle", "high"};
        text += carveout("h" + std::to_string(i), "size = " + std::to_string(4096 * (1 + i * 7 % 11)) +
                                                      "\nposition = \"" + positions[i % 4] +
                                                      "\"\nalign = " + std::to_string(4096 << i % 5));
    }
    const Config config = parsed({text});
    EXPECT_EQ(parsed({text}).heaps, config.heaps);
    for (const HeapConfig& a : config.heaps) {
        EXPECT_EQ(a.base % a.align, 0U);
        for (const HeapConfig& b : config.heaps) {
            EXPECT_TRUE(&a == &b ||
                        !overlap({.base = a.base, .size = a.size}, {.base = b.base, .size = b.size}))
                << a.name << " " << b.name;
        }
    }
}

TEST(Adjacent, HeapsAreOneBlockThatIsPlacedFirstAndSecuredTogether) {
    const Config config =
        parsed({kSmall + carveout("other", "id = 0\nsize = \"1M\"") +
                heap_table("cp", "mm", "id = 8\nsize = \"2M\"") +
                carveout("mm_fw", "id = 29\nsize = \"1M\"\nalign = \"1M\"\nadjacent = \"mm\"")});
    const HeapConfig firmware = heap_named(config, "mm_fw");
    const HeapConfig protected_heap = heap_named(config, "mm");
    EXPECT_EQ(firmware.base, 0x10000000U);
    EXPECT_EQ(firmware.secured, (PlacedRange{.base = 0x10000000, .size = 1 << 20}));
    EXPECT_EQ(protected_heap.base, 0x10100000U);
    EXPECT_EQ(protected_heap.secured, (PlacedRange{.base = 0x10000000, .size = 3 << 20}));
    EXPECT_EQ(base_of(config, "other"), 0x10300000U);
}

TEST(Adjacent, NeighbourFollowsAFixedBase) {
    const Config config = parsed({kSmall + heap_table("cp", "mm", "size = \"2M\"") +
                                  carveout("mm_fw", "base = 0x1000\nsize = 0x3000\nadjacent = \"mm\"")});
    EXPECT_EQ(base_of(config, "mm"), 0x4000U);
    EXPECT_EQ(heap_named(config, "mm").secured, (PlacedRange{.base = 0x1000, .size = 0x3000 + (2 << 20)}));
}

Mistake mistake_in_empty(std::string name, const std::string& text, std::string message) {
    return mistake_in(std::move(name), kEmpty + text, std::move(message));
}

class PlatformMistake : public testing::TestWithParam<Mistake> {};

TEST_P(PlatformMistake, IsRefusedWithItsPlaceKeyAndReason) {
    expect_refusal(GetParam());
}

/// Heap "x" from line 2, 5 lines long, that names `other`, and then `more` from line 7.
std::string next_to(const std::string& other, const std::string& more = "") {
    return carveout("x", "size = 4096\nadjacent = \"" + other + "\"") + more;
}

const std::string kBehindX = carveout("y", "base = 0x10000\nsize = 4096");

INSTANTIATE_TEST_SUITE_P(
    Adjacent, PlatformMistake,
    testing::Values(
        mistake_in_empty("Nobody", next_to("y"), "a.toml:2:1: heap.adjacent: \"y\" is no heap"),
        mistake_in_empty("Itself", next_to("x"), "a.toml:2:1: heap.adjacent: \"x\" is this heap itself"),
        mistake_in_empty(
            "NoRegion", next_to("s", heap_table("system", "s")),
            "a.toml:2:1: heap.adjacent: \"s\" is a system heap, which has no region (a.toml:7:1)"),
        mistake_in_empty("Chain", next_to("y", carveout("y", "size = 4096\nadjacent = \"x\"")),
                         "a.toml:2:1: heap.adjacent: \"y\" has an adjacent heap of its own (a.toml:7:1)"),
        mistake_in_empty(
            "FixedNeighbour", next_to("y", kBehindX),
            "a.toml:2:1: heap.adjacent: \"y\" has a base of its own (a.toml:7:1), but lies right behind "
            "\"x\""),
        mistake_in_empty("OtherMemory", next_to("y", carveout("y", "size = 4096\nmemory = \"smi\"")),
                         "a.toml:2:1: heap.adjacent: \"y\" is in another memory (a.toml:7:1)"),
        mistake_in_empty("Rivals",
                         next_to("y", carveout("z", "size = 4096\nadjacent = \"y\"") +
                                          carveout("y", "size = 4096")),
                         "a.toml:7:1: heap.adjacent: \"y\" is already adjacent to \"x\" (a.toml:2:1)"),
        mistake_in_empty(
            "TooLarge", next_to("y", carveout("y", "size = \"18446744073709547520\"")),
            "a.toml:2:1: heap.adjacent: the regions of this heap and of \"y\" are more than 64 bits can "
            "address"),
        mistake_in_empty(
            "NoRoom", next_to("y", carveout("y", "size = \"8G\"")),
            "a.toml:2:1: heap.size: no room for heap \"x\" with the adjacent \"y\", 8589938688 bytes at "
            "multiples of 4096, in memory.ebi [0x80000000, 0x100000000); its longest free run has "
            "2147483648")),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Overlap, PlatformMistake,
    testing::Values(
        mistake_in_empty(
            "SameBase",
            carveout("x", "base = 0x1000\nsize = 0x1000") + carveout("y", "base = 0x1000\nsize = 0x1000"),
            "a.toml:7:1: heap.base: memory in heap \"y\" [0x1000, 0x2000) overlaps with heap \"x\" "
            "[0x1000, 0x2000) (a.toml:2:1)"),
        mistake_in_empty(
            "BehindAFixedPair",
            carveout("x", "base = 0xf000\nsize = 0x1000\nadjacent = \"z\"") + carveout("z", "size = 0x2000") +
                kBehindX,
            "a.toml:12:1: heap.base: memory in heap \"y\" [0x10000, 0x11000) overlaps with heap \"z\" "
            "[0x10000, 0x12000) (a.toml:8:1)")),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Keys, PlatformMistake,
    testing::Values(
        mistake_in_empty("Position", carveout("x", "position = \"top\""),
                         "a.toml:5:12: heap.position: unknown \"top\"; known are none, low, middle, high"),
        mistake_in_empty("Memory", carveout("x", "memory = \"ddr\""),
                         "a.toml:5:10: heap.memory: unknown \"ddr\"; known are ebi, smi"),
        mistake_in_empty("SystemPosition", heap_table("system", "s", "position = \"low\""),
                         "a.toml:5:12: heap.position: a system heap has no region"),
        mistake_in_empty("SystemAdjacent", heap_table("system", "s", "adjacent = \"x\""),
                         "a.toml:5:12: heap.adjacent: a system heap has no region"),
        mistake_in_empty("MemoryKey", "[memory.ddr]\nsize = 4096",
                         "a.toml:2:9: memory.ddr: unknown key; known are ebi, smi"),
        mistake_in_empty("MemoryNumber", "memory = 1", "a.toml:2:10: memory: must be a table"),
        mistake_in_empty("WindowNumber", "memory.ebi = 1", "a.toml:2:14: memory.ebi: must be a table"),
        mistake_in_empty("WindowKey", "[memory.ebi]\nalign = 1",
                         "a.toml:3:1: memory.ebi.align: unknown key; known are base, size"),
        mistake_in_empty("WindowSize", "[memory.ebi]\nsize = 1",
                         "a.toml:3:8: memory.ebi.size: must be a multiple of 4096 above 0, not 1"),
        mistake_in_empty("WindowWraps", "[memory.smi]\nbase = \"18446744073709547520\"",
                         "a.toml:3:8: memory.smi: base + size is more than 64 bits can address")),
    case_name);

}  // namespace
}  // namespace ion
