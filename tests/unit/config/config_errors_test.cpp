// SPDX-License-Identifier: Apache-2.0
//
// Each mistake that a configuration can have, with the exact message: its place is part of the contract.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/config/config_testing.h"

namespace ion {
namespace {

class ConfigMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ConfigMistake, IsRefusedWithItsPlaceKeyAndReason) {
    expect_refusal(GetParam());
}

TEST(ParseConfig, PassesTheLibrarysReasonOnWithThePlaceOfASyntaxError) {
    const auto config = parse({"log_level = \n"});
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, EINVAL);
    EXPECT_THAT(config.error().context, testing::StartsWith("a.toml:1:13: "));
}

std::string carveout(const std::string& more) {
    return heap_table("carveout", "c", more);
}

std::string forty_heaps() {
    std::string text;
    for (int i = 0; i < 40; ++i) {
        text += heap_table("system", "s" + std::to_string(i), "");
    }
    return text;
}

INSTANTIATE_TEST_SUITE_P(
    Text, ConfigMistake,
    testing::Values(
        Mistake{"SecondText",
                {"", "\n\n  x = 1"},
                "b.toml:3:3: x: unknown key; known are preset, personality, log_level, plugins, drivers, "
                "without, limits, memory, usage, heap, fault"},
        Mistake{"FirstOfTwo",
                {"zz = 1\naa = 1"},
                "a.toml:1:1: zz: unknown key; known are preset, personality, log_level, plugins, drivers, "
                "without, limits, memory, usage, heap, fault"},
        Mistake{"UsageTable", {"usage = 1"}, "a.toml:1:9: usage: must be a table"},
        Mistake{"UsageKey",
                {"[usage]\nx = 1"},
                "a.toml:2:1: usage.x: unknown key; known are layouts, group, access, hide, growth"},
        Mistake{"UsageLayout",
                {"[usage]\nlayouts = [\"c\"]"},
                "a.toml:2:12: usage.layouts: unknown \"c\"; known are a, b, d"},
        Mistake{"UsageLayouts",
                {"[usage]\nlayouts = \"a\""},
                "a.toml:2:11: usage.layouts: must be a list of strings"},
        Mistake{"UsageGroup",
                {"[usage]\ngroup = \"\""},
                "a.toml:2:9: usage.group: must be the name of a group, or its number"},
        Mistake{"UsageGroupNumber",
                {"[usage]\ngroup = 4294967295"},
                "a.toml:2:9: usage.group: must be less than 4294967295"},
        Mistake{"UsageHide",
                {"[usage]\nhide = \"all\""},
                "a.toml:2:8: usage.hide: unknown \"all\"; known are none, others"},
        Mistake{"LogLevelType", {"log_level = 3"}, "a.toml:1:13: log_level: must be a string"},
        Mistake{"LogLevel",
                {"log_level = \"loud\""},
                "a.toml:1:13: log_level: unknown \"loud\"; known are trace, debug, info, warn, error, off"},
        Mistake{
            "Personality",
            {"personality = \"x\""},
            "a.toml:1:15: personality: unknown \"x\"; known are auto, legacy, modern, msm-3.4, linux-5.10"},
        Mistake{"Preset",
                {"preset = \"x\""},
                "a.toml:1:10: preset: unknown \"x\"; known are aosp, msm8x25q, none"},
        Mistake{"NoHeaps",
                {"preset = \"none\""},
                "a.toml:1:10: preset: \"none\" has no heaps and no table adds one"},
        Mistake{"HeapNumber", {"heap = 1"}, "a.toml:1:8: heap: must be [[heap]] tables"},
        Mistake{"HeapPlainTable", {"[heap]\nid = 1"}, "a.toml:1:1: heap: must be [[heap]] tables"},
        Mistake{"HeapMixedList",
                {"heap = [{type = \"system\", name = \"s\"}, 5]"},
                "a.toml:1:40: heap: must be [[heap]] tables"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Heap, ConfigMistake,
    testing::Values(
        Mistake{"UnknownKey",
                {heap_table("system", "s", "colour = 1")},
                "a.toml:4:1: heap.colour: unknown key; known are id, type, name, base, size, align, memory, "
                "adjacent, position, exporters, uids, gids, mode, limits, options"},
        Mistake{"NoType", {"[[heap]]\nname = \"s\""}, "a.toml:1:1: heap.type: missing"},
        Mistake{"NoName", {"[[heap]]\ntype = \"system\""}, "a.toml:1:1: heap.name: missing"},
        Mistake{"Type",
                {heap_table("tiler", "c", "")},
                "a.toml:2:8: heap.type: unknown \"tiler\"; known are system, system_contig, carveout, chunk, "
                "cma, cp"},
        Mistake{"IdNegative",
                {heap_table("system", "s", "id = -1")},
                "a.toml:4:6: heap.id: must not be negative"},
        Mistake{"IdTooBig",
                {heap_table("system", "s", "id = 32")},
                "a.toml:4:6: heap.id: must be 0 to 31, not 32"},
        Mistake{
            "IdType", {heap_table("system", "s", "id = \"1\"")}, "a.toml:4:6: heap.id: must be an integer"},
        Mistake{"NameEmpty",
                {heap_table("system", "", "")},
                "a.toml:3:8: heap.name: must be 1 to 31 bytes of [A-Za-z0-9_.-], not \".\" or \"..\""},
        Mistake{"NameSlash",
                {heap_table("system", "a/b", "")},
                "a.toml:3:8: heap.name: must be 1 to 31 bytes of [A-Za-z0-9_.-], not \".\" or \"..\""},
        Mistake{"NameDots",
                {heap_table("system", "..", "")},
                "a.toml:3:8: heap.name: must be 1 to 31 bytes of [A-Za-z0-9_.-], not \".\" or \"..\""},
        Mistake{"NameLong",
                {heap_table("system", std::string(32, 'n'), "")},
                "a.toml:3:8: heap.name: must be 1 to 31 bytes of [A-Za-z0-9_.-], not \".\" or \"..\""},
        Mistake{"AlignSmall",
                {heap_table("system", "s", "align = 2048")},
                "a.toml:4:9: heap.align: must be a power of two, at least 4096, not 2048"},
        Mistake{"AlignOdd",
                {heap_table("system", "s", "align = 12288")},
                "a.toml:4:9: heap.align: must be a power of two, at least 4096, not 12288"},
        Mistake{"ExportersType",
                {heap_table("system", "s", "exporters = \"memfd\"")},
                "a.toml:4:13: heap.exporters: must be a list of strings"},
        Mistake{"ExportersEmpty",
                {heap_table("system", "s", "exporters = []")},
                "a.toml:4:13: heap.exporters: must name at least one exporter"},
        Mistake{"Exporter",
                {heap_table("system", "s", "exporters = [\"memfd\", \"shm\"]")},
                "a.toml:4:23: heap.exporters: unknown \"shm\"; known are memfd, udmabuf, vgem, dma_heap"},
        Mistake{"ExporterType",
                {heap_table("system", "s", "exporters = [7]")},
                "a.toml:4:14: heap.exporters: must be a string"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Lists, ConfigMistake,
    testing::Values(
        Mistake{"Plugins", {"plugins = \"x\""}, "a.toml:1:11: plugins: must be a list of strings"},
        Mistake{"Drivers", {"drivers = 1"}, "a.toml:1:11: drivers: must be a list of strings"},
        Mistake{"PluginsElement", {"plugins = [\"x\", 1]"}, "a.toml:1:17: plugins: must be a string"},
        Mistake{
            "Without", {"without = [\"sf\"]"}, "a.toml:1:12: without: there is no heap \"sf\" before this"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Region, ConfigMistake,
    testing::Values(
        Mistake{"SystemBase",
                {heap_table("system", "s", "base = 4096")},
                "a.toml:4:8: heap.base: a system heap has no region"},
        Mistake{"SystemSize",
                {heap_table("system", "s", "size = 4096")},
                "a.toml:4:8: heap.size: a system heap has no region"},
        Mistake{
            "NoSize", {carveout("base = 4096")}, "a.toml:1:1: heap.size: missing; a carveout heap needs it"},
        Mistake{"SizeZero",
                {carveout("size = 0")},
                "a.toml:4:8: heap.size: must be a multiple of 4096 above 0, not 0"},
        Mistake{"SizeOdd",
                {carveout("size = \"5000\"")},
                "a.toml:4:8: heap.size: must be a multiple of 4096 above 0, not 5000"},
        Mistake{"SizeNegative", {carveout("size = -4096")}, "a.toml:4:8: heap.size: must not be negative"},
        Mistake{"SizeType",
                {carveout("size = 1.5")},
                "a.toml:4:8: heap.size: must be an integer or a string such as \"64M\""},
        Mistake{"SizeWord",
                {carveout("size = \"big\"")},
                "a.toml:4:8: heap.size: \"big\" is not a number of bytes with an optional K, M or G"},
        Mistake{"SizeOverflow",
                {carveout("size = \"99999999999G\"")},
                "a.toml:4:8: heap.size: \"99999999999G\" is more than 64 bits can count"},
        Mistake{"BaseOdd",
                {carveout("base = 1")},
                "a.toml:4:8: heap.base: must be a multiple of 4096 above 0, not 1"},
        Mistake{"EndOverflow",
                {carveout("base = 4096\nsize = \"18446744073709547520\"")},
                "a.toml:5:8: heap.size: base + size is more than 64 bits can address"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Heaps, ConfigMistake,
    testing::Values(
        Mistake{"SameId",
                {heap_table("system", "x", "id = 9"), heap_table("system", "y", "id = 9")},
                "b.toml:1:1: heap.id: 9 of \"y\" is taken by \"x\" (a.toml:1:1)"},
        Mistake{"SameIdAsPreset",
                {heap_table("system", "x", "id = 0")},
                "a.toml:1:1: heap.id: 0 of \"x\" is taken by \"system\" (preset \"aosp\":2:1)"},
        Mistake{"SameName",
                {heap_table("system", "x", "") + heap_table("system", "x", "")},
                "a.toml:7:8: heap.name: \"x\" is taken (a.toml:3:8)"},
        Mistake{"TooMany", {forty_heaps()}, "a.toml:109:1: heap.id: all 32 ids are taken"},
        Mistake{
            "Overlap",
            {"preset = \"none\"\n" + heap_table("carveout", "x", "base = 0x1000\nsize = 0x2000") +
             heap_table("carveout", "y", "base = 0x2000\nsize = 0x2000")},
            "a.toml:7:1: heap.base: memory in heap \"y\" [0x2000, 0x4000) overlaps with heap \"x\" [0x1000, "
            "0x3000) (a.toml:2:1)"}),
    case_name);

}  // namespace
}  // namespace ion
