// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The configuration in `texts`, called a.toml, b.toml, ...
Config parsed(const std::vector<std::string>& texts) {
    std::vector<ConfigText> named;
    for (const std::string& text : texts) {
        named.push_back({std::string(1, static_cast<char>('a' + named.size())) + ".toml", text});
    }
    auto config = parse_config(named);
    EXPECT_TRUE(config) << config.error().context;
    return config ? *std::move(config) : Config{};
}

std::vector<std::string> heap_lines(const Config& config) {
    std::vector<std::string> lines;
    for (const HeapConfig& heap : config.heaps) {
        lines.push_back(std::to_string(heap.id) + " " + heap.type + " " + heap.name);
    }
    return lines;
}

TEST(DefaultConfig, IsThePresetAosp) {
    const Config config = default_config();
    EXPECT_EQ(config.preset, "aosp");
    EXPECT_EQ(config.personality, Personality::kAuto);
    EXPECT_EQ(config.log_level, "info");
    ASSERT_THAT(heap_lines(config), ElementsAre("0 system system", "2 carveout carveout"));
    EXPECT_EQ(config.heaps[1].base, 0x80000000U);
    EXPECT_EQ(config.heaps[1].size, 64U << 20);
}

TEST(DefaultConfig, TriesEveryExporterAndMemfdLast) {
    for (const HeapConfig& heap : default_config().heaps) {
        EXPECT_THAT(heap.exporters, ElementsAre(ExporterKind::kUdmabuf, ExporterKind::kVgem,
                                                ExporterKind::kDmaHeap, ExporterKind::kMemfd));
    }
}

TEST(ParseConfig, IsTheDefaultForNoTextAndForAnEmptyOne) {
    const auto expected = heap_lines(default_config());
    EXPECT_EQ(heap_lines(parsed({})), expected);
    EXPECT_EQ(heap_lines(parsed({""})), expected);
    EXPECT_EQ(heap_lines(parsed({"# only a comment\n"})), expected);
}

TEST(ParseConfig, ReadsEveryKeyOfAHeap) {
    const Config config = parsed({R"(
preset = "none"
personality = "msm-3.4"
log_level = "debug"
[[heap]]
id = 24
type = "carveout"
name = "sf"
base = 0x2d300000
size = "35M"
align = 65536
exporters = ["udmabuf", "memfd"]
)"});
    EXPECT_EQ(config.preset, "none");
    EXPECT_EQ(config.personality, Personality::kMsm34);
    EXPECT_EQ(config.log_level, "debug");
    ASSERT_THAT(heap_lines(config), ElementsAre("24 carveout sf"));
    const HeapConfig& heap = config.heaps[0];
    EXPECT_EQ(heap.base, 0x2d300000U);
    EXPECT_EQ(heap.size, 35U << 20);
    EXPECT_EQ(heap.align, 65536U);
    EXPECT_THAT(heap.exporters, ElementsAre(ExporterKind::kUdmabuf, ExporterKind::kMemfd));
    EXPECT_EQ(heap.where, "a.toml:5:1");
}

TEST(ParseConfig, FillsInWhatASystemHeapLeavesOut) {
    const Config config = parsed({"preset = \"none\"\n[[heap]]\ntype = \"system\"\nname = \"vmalloc\""});
    ASSERT_THAT(heap_lines(config), ElementsAre("0 system vmalloc"));
    EXPECT_EQ(config.heaps[0].base, 0U);
    EXPECT_EQ(config.heaps[0].size, 0U);
    EXPECT_EQ(config.heaps[0].align, 4096U);
    EXPECT_EQ(config.heaps[0].exporters, default_config().heaps[0].exporters);
}

TEST(ParseConfig, ReadsEveryPersonality) {
    EXPECT_EQ(parsed({"personality = \"auto\""}).personality, Personality::kAuto);
    EXPECT_EQ(parsed({"personality = \"legacy\""}).personality, Personality::kLegacy);
    EXPECT_EQ(parsed({"personality = \"modern\""}).personality, Personality::kModern);
    EXPECT_EQ(parsed({"personality = \"msm-3.4\""}).personality, Personality::kMsm34);
    EXPECT_EQ(parsed({"personality = \"linux-5.10\""}).personality, Personality::kLinux510);
}

TEST(ParseConfig, AddsATableWithANewNameToThePreset) {
    const Config config = parsed({"heap = [{id = 1, type = \"system\", name = \"second\"}]"});
    EXPECT_THAT(heap_lines(config), ElementsAre("0 system system", "1 system second", "2 carveout carveout"));
}

TEST(ParseConfig, ReplacesTheWholePresetHeapOfTheSameName) {
    const Config config = parsed({R"(
[[heap]]
id = 7
type = "carveout"
name = "carveout"
base = 0x1000
size = 0x1000
)"});
    ASSERT_THAT(heap_lines(config), ElementsAre("0 system system", "7 carveout carveout"));
    EXPECT_EQ(config.heaps[1].base, 0x1000U);
    EXPECT_EQ(config.heaps[1].size, 0x1000U);
}

TEST(ParseConfig, KeepsTheIdOfAReplacedHeapWhenTheTableHasNone) {
    const Config config = parsed({"[[heap]]\ntype = \"system\"\nname = \"carveout\""});
    EXPECT_THAT(heap_lines(config), ElementsAre("0 system system", "2 system carveout"));
}

TEST(ParseConfig, GivesTheLowestFreeIdsToTablesWithoutOne) {
    const Config config = parsed({R"(
[[heap]]
type = "system"
name = "x"
[[heap]]
type = "system"
name = "y"
[[heap]]
id = 3
type = "system"
name = "z"
)"});
    EXPECT_THAT(heap_lines(config), ElementsAre("0 system system", "1 system x", "2 carveout carveout",
                                                "3 system z", "4 system y"));
}

TEST(ParseConfig, LetsLaterTextsOverrideKeysAndKeepsTheOthers) {
    const Config config = parsed({"log_level = \"debug\"\npersonality = \"legacy\"", "log_level = \"warn\""});
    EXPECT_EQ(config.log_level, "warn");
    EXPECT_EQ(config.personality, Personality::kLegacy);
}

TEST(ParseConfig, AppliesThePresetOfALaterTextBelowTheHeapsOfAnEarlierOne) {
    const Config config =
        parsed({"[[heap]]\nid = 5\ntype = \"system\"\nname = \"mine\"", "preset = \"none\""});
    EXPECT_THAT(heap_lines(config), ElementsAre("5 system mine"));
}

TEST(ParseConfig, LetsALaterTextReplaceAHeapOfAnEarlierOne) {
    const Config config = parsed({"preset = \"none\"\n[[heap]]\nid = 5\ntype = \"system\"\nname = \"mine\"",
                                  "[[heap]]\nid = 6\ntype = \"system\"\nname = \"mine\""});
    ASSERT_THAT(heap_lines(config), ElementsAre("6 system mine"));
    EXPECT_EQ(config.heaps[0].where, "b.toml:1:1");
}

TEST(ParseConfig, AcceptsRegionsThatTouch) {
    const Config config = parsed({R"(
preset = "none"
[[heap]]
type = "carveout"
name = "low"
base = 0x1000
size = 0x1000
[[heap]]
type = "carveout"
name = "high"
base = 0x2000
size = 0x1000
)"});
    EXPECT_THAT(heap_lines(config), ElementsAre("0 carveout low", "1 carveout high"));
}

}  // namespace
}  // namespace ion
