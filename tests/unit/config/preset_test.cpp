// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/preset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heaps/heap_catalog.h"
#include "tests/unit/config/config_testing.h"

namespace ion {
namespace {

using testing::ElementsAre;

TEST(Preset, EveryOneIsAConfigurationOfTheBuiltinTypes) {
    for (const std::string_view name : preset_names()) {
        const std::string more = name == "none" ? heap_table("system", "s") : "";
        const auto config = parse({"preset = \"" + std::string(name) + "\"\n" + more}, builtin_heap_types());
        ASSERT_TRUE(config) << name << ": " << config.error().context;
        EXPECT_EQ(config->preset, name);
    }
}

TEST(Preset, AospHasTheIdsOfAndroidsDummyDriver) {
    const Config config = parsed({});
    EXPECT_EQ(heap_lines(config), aosp_and({}));
    const HeapConfig carveout = heap_named(config, "carveout");
    EXPECT_EQ(carveout.base, 0x80000000U);
    EXPECT_EQ(carveout.size, 64U << 20);
    EXPECT_EQ(heap_named(config, "chunk").options.number("chunk_size"), 16384U);
    for (const HeapConfig& heap : config.heaps) {
        EXPECT_EQ(heap.id, heap.type_number) << heap.name;
    }
}

TEST(Preset, Msm8x25qIsTheBoardsTable) {
    const Config config = parsed({"preset = \"msm8x25q\""});
    EXPECT_EQ(config.personality, Personality::kMsm34);
    std::vector<std::string> table;
    for (const HeapConfig& heap : config.heaps) {
        table.push_back(std::to_string(heap.id) + " " + heap.name + " " + std::to_string(heap.size));
        EXPECT_EQ(heap.memory, MemoryType::kEbi);
    }
    EXPECT_THAT(table, ElementsAre("30 vmalloc 0", "20 camera_preview 18874368", "28 audio 2048000",
                                   "24 sf 36700160", "27 bl_mem_audio 237568", "26 qsecom 1048576"));
    EXPECT_EQ(heap_named(config, "bl_mem_audio").base, 0x10000U);
    EXPECT_EQ(heap_named(config, "vmalloc").type, "system");
}

TEST(Preset, LeavesThePersonalityToThoseWhoChooseOne) {
    EXPECT_EQ(parsed({"preset = \"msm8x25q\"\npersonality = \"auto\""}).personality, Personality::kAuto);
    EXPECT_EQ(parsed({"personality = \"modern\"", "preset = \"msm8x25q\""}).personality,
              Personality::kModern);
}

TEST(TypeNumber, IsThatOfTheCallersHeaderOrItsCustom) {
    const std::string all = kEmpty + heap_table("cma", "a", "size = 4096") +
                            heap_table("dma", "b", "size = 4096") + heap_table("chunk", "c", "size = 4096") +
                            heap_table("cp", "d", "size = 4096");
    const auto numbers = [&](const std::string& personality) {
        std::vector<std::uint32_t> seen;
        for (const HeapConfig& heap : parsed({all, "personality = \"" + personality + "\""}).heaps) {
            seen.push_back(heap.type_number);
        }
        return seen;
    };
    for (const char* personality : {"auto", "legacy", "modern", "linux-5.10"}) {
        EXPECT_THAT(numbers(personality), ElementsAre(4, 4, 3, 5)) << personality;
    }
    EXPECT_THAT(numbers("msm-3.4"), ElementsAre(5, 5, 6, 4));
    EXPECT_EQ(heap_named(parsed({all}), "b").type, "cma") << "one type with two names";
}

}  // namespace
}  // namespace ion
