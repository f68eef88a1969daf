// SPDX-License-Identifier: Apache-2.0
//
// Each mistake that a configuration can have, with the exact message: its place is part of the contract.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/config/config.h"

namespace ion {
namespace {

struct Mistake {
    std::string name;
    std::vector<std::string> texts;  ///< a.toml, b.toml, ...
    std::string message;
};

void PrintTo(const Mistake& mistake, std::ostream* out) {
    *out << mistake.name;
}

class ConfigMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ConfigMistake, IsRefusedWithItsPlaceKeyAndReason) {
    std::vector<ConfigText> named;
    for (const std::string& text : GetParam().texts) {
        named.push_back({std::string(1, static_cast<char>('a' + named.size())) + ".toml", text});
    }
    const auto config = parse_config(named);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, EINVAL);
    EXPECT_EQ(config.error().context, GetParam().message);
}

TEST(ParseConfig, PassesTheLibrarysReasonOnWithThePlaceOfASyntaxError) {
    const auto config = parse_config("log_level = \n", "a.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, EINVAL);
    EXPECT_THAT(config.error().context, testing::StartsWith("a.toml:1:13: "));
}

std::string case_name(const testing::TestParamInfo<Mistake>& info) {
    return info.param.name;
}

/// A table of one heap: three lines, then `more`.
std::string heap(const std::string& type, const std::string& name, const std::string& more) {
    return "[[heap]]\ntype = \"" + type + "\"\nname = \"" + name + "\"\n" + more + "\n";
}

std::string carveout(const std::string& more) {
    return heap("carveout", "c", more);
}

std::string forty_heaps() {
    std::string text;
    for (int i = 0; i < 40; ++i) {
        text += heap("system", "s" + std::to_string(i), "");
    }
    return text;
}

INSTANTIATE_TEST_SUITE_P(
    Text, ConfigMistake,
    testing::Values(
        Mistake{"SecondText",
                {"", "\n\n  x = 1"},
                "b.toml:3:3: x: unknown key; known are preset, personality, log_level, heap"},
        Mistake{"FirstOfTwo",
                {"zz = 1\naa = 1"},
                "a.toml:1:1: zz: unknown key; known are preset, personality, log_level, heap"},
        Mistake{"LogLevelType", {"log_level = 3"}, "a.toml:1:13: log_level: must be a string"},
        Mistake{"LogLevel",
                {"log_level = \"loud\""},
                "a.toml:1:13: log_level: unknown \"loud\"; known are trace, debug, info, warn, error, off"},
        Mistake{
            "Personality",
            {"personality = \"x\""},
            "a.toml:1:15: personality: unknown \"x\"; known are auto, legacy, modern, msm-3.4, linux-5.10"},
        Mistake{"Preset", {"preset = \"x\""}, "a.toml:1:10: preset: unknown \"x\"; known are aosp, none"},
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
        Mistake{
            "UnknownKey",
            {heap("system", "s", "colour = 1")},
            "a.toml:4:1: heap.colour: unknown key; known are id, type, name, base, size, align, exporters"},
        Mistake{
            "UnknownTable",
            {heap("system", "s", "[heap.options]\nx = 1")},
            "a.toml:4:7: heap.options: unknown key; known are id, type, name, base, size, align, exporters"},
        Mistake{"NoType", {"[[heap]]\nname = \"s\""}, "a.toml:1:1: heap.type: missing"},
        Mistake{"NoName", {"[[heap]]\ntype = \"system\""}, "a.toml:1:1: heap.name: missing"},
        Mistake{"Type",
                {heap("cma", "c", "")},
                "a.toml:2:8: heap.type: unknown \"cma\"; known are system, carveout"},
        Mistake{
            "IdNegative", {heap("system", "s", "id = -1")}, "a.toml:4:6: heap.id: must be 0 to 31, not -1"},
        Mistake{"IdTooBig", {heap("system", "s", "id = 32")}, "a.toml:4:6: heap.id: must be 0 to 31, not 32"},
        Mistake{"IdType", {heap("system", "s", "id = \"1\"")}, "a.toml:4:6: heap.id: must be an integer"},
        Mistake{"NameEmpty",
                {heap("system", "", "")},
                "a.toml:3:8: heap.name: must be 1 to 31 bytes of [A-Za-z0-9_.-], not \".\" or \"..\""},
        Mistake{"NameSlash",
                {heap("system", "a/b", "")},
                "a.toml:3:8: heap.name: must be 1 to 31 bytes of [A-Za-z0-9_.-], not \".\" or \"..\""},
        Mistake{"NameDots",
                {heap("system", "..", "")},
                "a.toml:3:8: heap.name: must be 1 to 31 bytes of [A-Za-z0-9_.-], not \".\" or \"..\""},
        Mistake{"NameLong",
                {heap("system", std::string(32, 'n'), "")},
                "a.toml:3:8: heap.name: must be 1 to 31 bytes of [A-Za-z0-9_.-], not \".\" or \"..\""},
        Mistake{"AlignSmall",
                {heap("system", "s", "align = 2048")},
                "a.toml:4:9: heap.align: must be a power of two, at least 4096, not 2048"},
        Mistake{"AlignOdd",
                {heap("system", "s", "align = 12288")},
                "a.toml:4:9: heap.align: must be a power of two, at least 4096, not 12288"},
        Mistake{"ExportersType",
                {heap("system", "s", "exporters = \"memfd\"")},
                "a.toml:4:13: heap.exporters: must be a list of strings"},
        Mistake{"ExportersEmpty",
                {heap("system", "s", "exporters = []")},
                "a.toml:4:13: heap.exporters: must name at least one exporter"},
        Mistake{"Exporter",
                {heap("system", "s", "exporters = [\"memfd\", \"shm\"]")},
                "a.toml:4:23: heap.exporters: unknown \"shm\"; known are memfd, udmabuf, vgem, dma_heap"},
        Mistake{"ExporterType",
                {heap("system", "s", "exporters = [7]")},
                "a.toml:4:14: heap.exporters: must be a string"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Region, ConfigMistake,
    testing::Values(
        Mistake{"SystemBase",
                {heap("system", "s", "base = 4096")},
                "a.toml:4:8: heap.base: a system heap has no region"},
        Mistake{"SystemSize",
                {heap("system", "s", "size = 4096")},
                "a.toml:4:8: heap.size: a system heap has no region"},
        Mistake{
            "NoBase", {carveout("size = 4096")}, "a.toml:1:1: heap.base: missing; a carveout heap needs it"},
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
                {heap("system", "x", "id = 9"), heap("system", "y", "id = 9")},
                "b.toml:1:1: heap.id: 9 of \"y\" is taken by \"x\" (a.toml:1:1)"},
        Mistake{"SameIdAsPreset",
                {heap("system", "x", "id = 0")},
                "a.toml:1:1: heap.id: 0 of \"x\" is taken by \"system\" (preset \"aosp\")"},
        Mistake{"SameName",
                {heap("system", "x", "") + heap("system", "x", "")},
                "a.toml:7:8: heap.name: \"x\" is taken (a.toml:3:8)"},
        Mistake{"TooMany", {forty_heaps()}, "a.toml:121:1: heap.id: all 32 ids are taken"},
        Mistake{"Overlap",
                {"preset = \"none\"\n" + heap("carveout", "x", "base = 0x1000\nsize = 0x2000") +
                 heap("carveout", "y", "base = 0x2000\nsize = 0x2000")},
                "a.toml:7:1: heap.base: \"y\" [0x2000, 0x4000) overlaps \"x\" [0x1000, 0x3000) (a.toml:2:1)"},
        Mistake{"OverlapsPreset",
                {carveout("base = 0x7ffff000\nsize = 0x2000")},
                "a.toml:1:1: heap.base: \"c\" [0x7ffff000, 0x80001000) overlaps \"carveout\" [0x80000000, "
                "0x84000000) "
                "(preset \"aosp\")"}),
    case_name);

}  // namespace
}  // namespace ion
