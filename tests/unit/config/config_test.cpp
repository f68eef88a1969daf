// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/config_testing.h"

namespace ion {
namespace {

using testing::ElementsAre;

TEST(ParseConfig, IsThePresetAospForNoTextAndForAnEmptyOne) {
    const Config config = parsed({});
    EXPECT_EQ(config.preset, "aosp");
    EXPECT_EQ(config.personality, Personality::kAuto);
    EXPECT_EQ(config.log_level, "info");
    EXPECT_EQ(config.heaps, parsed({"preset = \"aosp\""}).heaps);
    EXPECT_EQ(config.heaps, parsed({""}).heaps);
    EXPECT_EQ(config.heaps, parsed({"# only a comment\n"}).heaps);
}

TEST(ParseConfig, TriesEveryExporterAndMemfdLast) {
    for (const HeapConfig& heap : parsed({}).heaps) {
        EXPECT_THAT(heap.exporters, ElementsAre(ExporterKind::kUdmabuf, ExporterKind::kVgem,
                                                ExporterKind::kDmaHeap, ExporterKind::kMemfd));
    }
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
    EXPECT_EQ(config.heaps[0].exporters, parsed({}).heaps[0].exporters);
}

TEST(ParseConfig, ReadsWhoSeesTheUsageFiles) {
    const UsageConfig initial = parsed({""}).usage;
    EXPECT_EQ(initial, UsageConfig{});
    EXPECT_EQ(initial.growth, std::uint64_t{512} << 20);
    const UsageConfig usage =
        parsed({"[usage]\nlayouts = [\"b\"]\ngroup = \"adm\"\naccess = \"group\"\ngrowth = \"1G\"",
                "[usage]\ngroup = 4\nhide = \"others\"\ngrowth = 0"})
            .usage;
    EXPECT_EQ(usage.layouts, std::vector{UsageLayout::kB});
    EXPECT_EQ(usage.group, "4");
    EXPECT_EQ(usage.access, FileAccess::kGroup);
    EXPECT_EQ(usage.hide, Hide::kOthers);
    EXPECT_EQ(usage.growth, 0U);
    EXPECT_TRUE(parsed({"[usage]\nlayouts = []"}).usage.layouts.empty());
}

TEST(ParseConfig, ReadsEveryPersonality) {
    EXPECT_EQ(parsed({"personality = \"auto\""}).personality, Personality::kAuto);
    EXPECT_EQ(parsed({"personality = \"legacy\""}).personality, Personality::kLegacy);
    EXPECT_EQ(parsed({"personality = \"modern\""}).personality, Personality::kModern);
    EXPECT_EQ(parsed({"personality = \"msm-3.4\""}).personality, Personality::kMsm34);
    EXPECT_EQ(parsed({"personality = \"linux-5.10\""}).personality, Personality::kLinux510);
}

TEST(ParseConfig, AddsATableWithANewNameToThePreset) {
    const Config config = parsed({"heap = [{id = 7, type = \"system\", name = \"second\"}]"});
    EXPECT_EQ(heap_lines(config), aosp_and({"7 system second"}));
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
    const HeapConfig carveout = heap_named(config, "carveout");
    EXPECT_EQ(config.heaps.size(), aosp_and({}).size());
    EXPECT_EQ(carveout.id, 7U);
    EXPECT_EQ(carveout.base, 0x1000U);
    EXPECT_EQ(carveout.size, 0x1000U);
}

TEST(ParseConfig, KeepsTheIdOfAReplacedHeapWhenTheTableHasNone) {
    const Config config = parsed({"[[heap]]\ntype = \"system\"\nname = \"carveout\""});
    EXPECT_EQ(heap_named(config, "carveout").id, 2U);
    EXPECT_EQ(heap_named(config, "carveout").type, "system");
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
id = 6
type = "system"
name = "z"
)"});
    EXPECT_EQ(heap_lines(config), aosp_and({"5 system x", "7 system y", "6 system z"}));
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

TEST(ParseConfig, LeavesOutHeapsOfEarlierTextsAndThePreset) {
    const std::string table = "[[heap]]\ntype = \"system\"\nname = \"extra\"\n";
    EXPECT_THAT(
        heap_lines(parsed({table, "without = [\"carveout\", \"extra\"]"})),
        ElementsAre("0 system system", "1 system_contig system_contig", "3 chunk chunk", "4 cma cma"));
    EXPECT_EQ(heap_lines(parsed({table, "without = [\"extra\"]\n" + table})), aosp_and({"5 system extra"}));
}

TEST(ParseConfig, KeepsTheIdThatAHeapHas) {
    const ConfigText text{"a.toml",
                          "[[heap]]\ntype = \"system\"\nname = \"x\"\n"
                          "[[heap]]\ntype = \"system\"\nname = \"y\"\n"};
    const auto kept = parse_config(std::span(&text, 1), kTestTypes, {{"y", 7}, {"gone", 8}});
    ASSERT_TRUE(kept);
    EXPECT_EQ(heap_lines(*kept), aosp_and({"5 system x", "7 system y"}));
    const auto taken = parse_config(std::span(&text, 1), kTestTypes, {{"y", 2}});
    ASSERT_TRUE(taken);
    EXPECT_EQ(heap_lines(*taken), aosp_and({"5 system x", "6 system y"}));
}

TEST(ParseConfig, TakesTheTypesOfPlugins) {
    const HeapType own{
        .name = "own", .mainline_number = {}, .msm34_number = {}, .region = RegionNeed::kRequired};
    const ConfigText text{
        "a.toml", "preset = \"none\"\n[[heap]]\ntype = \"own\"\nname = \"x\"\nbase = 4096\nsize = 4096\n"};
    const auto config = parse_config(std::span(&text, 1), std::span(&own, 1));
    ASSERT_TRUE(config) << config.error().context;
    EXPECT_THAT(heap_lines(*config), ElementsAre("0 own x"));
}

TEST(Preface, IsReadWithoutLookingAtTheRest) {
    const std::vector<ConfigText> texts{
        {"a.toml", "log_level = \"debug\"\nplugins = [\"one\"]\n[[heap]]\ntype = \"?\"\n"},
        {"b.toml", "nonsense = 1\nplugins = [\"/two.so\", \"one\"]\n"}};
    const auto preface = read_preface(texts);
    ASSERT_TRUE(preface) << preface.error().context;
    EXPECT_EQ(preface->log_level, "debug");
    EXPECT_THAT(preface->plugins, ElementsAre("one", "/two.so", "one"));
}

TEST(SameHeap, DoesNotLookAtThePlaceInTheText) {
    HeapConfig one;
    HeapConfig other;
    one.where = "a.toml:1:1";
    EXPECT_TRUE(same_heap(one, other));
    other.size = 4096;
    EXPECT_FALSE(same_heap(one, other));
}

}  // namespace
}  // namespace ion
