// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/views/map_holders.h"
#include "client/views/map_view.h"

namespace ion::views {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t kPage = 4096;

HeapMap small_map() {
    return {.heap = "sf",
            .runs = {{.holder = "7", .base = 0x10000, .size = 2 * kPage},
                     {.holder = {}, .base = 0x12000, .size = kPage},
                     {.holder = "(null)", .base = 0x13000, .size = kPage},
                     {.holder = "8", .base = 0x14000, .size = 3 * kPage},
                     {.holder = {}, .base = 0x17000, .size = kPage}},
            .commands = {{"7", "cam\x1b<era>"}}};
}

TEST(MapText, HasACellForEachPageOfASmallRegion) {
    EXPECT_EQ(map_text(small_map(), false),
              "sf: 32.0K at 0x10000; 24.0K in 3 runs used, 8.0K free, longest run 4.0K\n"
              "         10000  BB.CAAA.\n"
              "a cell is 4.0K; . is free, a small letter is a cell that is not all the holder's\n"
              "\n"
              "   PID  COMMAND     BYTES  RUNS\n"
              "A    8  -           12.0K     1\n"
              "B    7  cam?<era>    8.0K     1\n"
              "C    -  (orphaned)   4.0K     1\n");
}

TEST(MapText, HasEscapesWithColourAlone) {
    EXPECT_THAT(map_text(small_map(), false), Not(HasSubstr("\x1b")));
    EXPECT_THAT(map_text(small_map(), true), HasSubstr("\x1b[33mB\x1b[0m\x1b[33mB\x1b[0m.\x1b[32mC\x1b[0m"));
}

TEST(MapText, GivesACellToWhoHasMostOfIt) {
    HeapMap map{.heap = "sf", .runs = {}, .commands = {}};
    for (std::uint64_t page = 0; page < 4096; ++page) {  // 4 pages to a cell: 3 of 8, 1 of 7
        map.runs.push_back({.holder = page % 4 == 0 ? "7" : "8", .base = page * kPage, .size = kPage});
    }
    const std::string text = map_text(map, false);
    EXPECT_THAT(text, HasSubstr("a cell is 16.0K;"));
    EXPECT_THAT(text, HasSubstr("             0  " + std::string(64, 'a') + "\n"));
}

TEST(MapText, TellsWhenNothingIsThereAndWhenGapsAreNotListed) {
    EXPECT_EQ(map_text({.heap = "cma", .runs = {}, .commands = {}}, false),
              "cma: nothing has a place in it\n");
    const HeapMap gaps{.heap = "cma",
                       .runs = {{.holder = "7", .base = 0x1000, .size = kPage},
                                {.holder = "7", .base = 0x4000, .size = kPage}},
                       .commands = {}};
    EXPECT_THAT(map_text(gaps, false), HasSubstr("cma: 16.0K at 0x1000; 8.0K in 2 runs used\n"));
    EXPECT_THAT(map_text(gaps, false), HasSubstr("  A..A\n"));
}

TEST(MapText, SharesOneMarkAmongThoseBeyondTheAlphabet) {
    HeapMap map{.heap = "sf", .runs = {}, .commands = {}};
    for (std::uint64_t i = 0; i < 30; ++i) {
        map.runs.push_back({.holder = std::to_string(100 + i), .base = i * kPage, .size = kPage});
    }
    EXPECT_THAT(map_text(map, false), HasSubstr("ABCDEFGHIJKLMNOPQRSTUVWXYZ++++\n"));
}

TEST(MapSvg, EscapesNamesAndDrawsEveryRun) {
    const std::string svg = map_svg(small_map());
    EXPECT_THAT(svg, HasSubstr("7 cam?&lt;era&gt;: 8192 bytes at 0x10000</title>"));
    EXPECT_THAT(svg, HasSubstr("no client's (orphaned): 4096 bytes at 0x13000</title>"));
    EXPECT_THAT(svg, HasSubstr("free: 8.0K</text>"));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(map_svg({.heap = "cma", .runs = {}, .commands = {}}), HasSubstr("nothing has a place in it"));
}

TEST(MapJson, AddsUp) {
    const Json json = map_json(small_map());
    std::uint64_t bytes = 0;
    for (const Json& run : json["runs"]) {
        bytes += run["size_bytes"].get<std::uint64_t>();
    }
    EXPECT_EQ(bytes, 8 * kPage);
    EXPECT_EQ(json["free_bytes"], 2 * kPage);
    EXPECT_EQ(json["largest_free_bytes"], kPage);
    EXPECT_EQ(json["fragmentation"], 0.5);
    EXPECT_EQ(json["runs"][2]["holder"], nullptr);
}

}  // namespace
}  // namespace ion::views
