// SPDX-License-Identifier: Apache-2.0

#include "client/usage/memory_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden/golden_file.h"

namespace ion::usage {
namespace {

using ::testing::HasSubstr;

std::string map_of(const std::string& heap_file) {
    const std::string text = golden(heap_file);
    return text.substr(text.find("\nMemory Map"));
}

TEST(MemoryMap, ReadsWhatTheDaemonWrites) {
    const auto runs = parse_memory_map(map_of("legacy_heap_carveout.txt"));
    ASSERT_TRUE(runs) << runs.error().context;
    ASSERT_EQ(runs->size(), 4U);
    EXPECT_EQ((*runs)[0].holder, "112");
    EXPECT_EQ((*runs)[0].base, 0x2d300000U);
    EXPECT_EQ((*runs)[0].size, 1536000U);
    EXPECT_TRUE((*runs)[1].is_free());
    EXPECT_EQ((*runs)[2].holder, "(null)");
    EXPECT_EQ((*runs)[3].base + (*runs)[3].size, 0x2f600000U);
}

TEST(MemoryMap, MayBeEmptyAndMayHaveGaps) {
    const std::string header =
        map_of("legacy_heap_cma.txt").substr(0, std::string("\nMemory Map\n").size() + 62);
    EXPECT_TRUE(parse_memory_map(header)->empty());
    const auto runs = parse_memory_map(map_of("legacy_heap_cma.txt"));
    ASSERT_TRUE(runs) << runs.error().context;
    EXPECT_EQ(runs->size(), 2U);
}

TEST(MemoryMap, RefusesRowsThatDoNotAddUp) {
    const std::string map = map_of("legacy_heap_cma.txt");
    for (const char* row : {"x 1000 1fff 4097 (1000)", "x 1000 1fff 4096 (1000)", "x 50000000 50000fff",
                            "x 50000000 50000fff none (0)", "x 50000000 4fffffff 0 (0)"}) {
        const auto runs = parse_memory_map(map + row + "\n");
        ASSERT_FALSE(runs) << row;
        EXPECT_THAT(runs.error().context, HasSubstr("map: line 6")) << row;
    }
    EXPECT_FALSE(parse_memory_map("nothing\n"));
}

}  // namespace
}  // namespace ion::usage
