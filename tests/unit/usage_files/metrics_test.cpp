// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/usage/figures.h"
#include "client/usage/open_metrics.h"
#include "tests/golden/golden_file.h"

namespace ion::usage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(OpenMetrics, ReadsWhatTheDaemonWrites) {
    const auto samples = parse_metrics(golden("metrics.txt"));
    ASSERT_TRUE(samples) << samples.error().context;
    EXPECT_EQ(samples->size(), 2U * 8 + 1 + 2 + 1 + 2 + 2);
    EXPECT_EQ(samples->front().name, "ion_heap_size_bytes");
    EXPECT_EQ(samples->front().label("type"), "system");
    EXPECT_EQ(samples->front().label("nothing"), "");
    EXPECT_EQ(samples->front().value, "0");
}

TEST(OpenMetrics, ResolvesEscapesInLabels) {
    const auto samples = parse_metrics("a{x=\"1\\\\2\\\"3\\n,}{=\",y=\"\"} 7\n# EOF\n");
    ASSERT_TRUE(samples) << samples.error().context;
    EXPECT_THAT(samples->front().labels, ElementsAre(Pair("x", "1\\2\"3\n,}{="), Pair("y", "")));
}

TEST(OpenMetrics, RefusesWhatItDoesNotUnderstandByItsLine) {
    for (const char* line : {"a", "a{", "a{x} 1", "a{x=1} 1", "a{x=\"1} 1", "a{x=\"1\"", "a{x=\"1\"} 1 2",
                             "{x=\"1\"} 1", "a{x=\"\\"}) {
        const auto samples = parse_metrics("b 1\n" + std::string(line) + "\n# EOF\n");
        ASSERT_FALSE(samples) << line;
        EXPECT_THAT(samples.error().context, HasSubstr("metrics: line 2")) << line;
    }
    EXPECT_THAT(parse_metrics("b 1\n").error().context, HasSubstr("without # EOF"));
    EXPECT_FALSE(parse_metrics(""));
}

TEST(OpenMetrics, RefusesEveryTruncatedText) {
    const std::string whole = golden("metrics.txt");
    for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
        EXPECT_FALSE(parse_metrics(whole.substr(0, size))) << size;
    }
}

TEST(Figures, AreThoseOfTheDaemon) {
    const auto figures = parse_figures(golden("metrics.txt"));
    ASSERT_TRUE(figures) << figures.error().context;
    ASSERT_EQ(figures->heaps.size(), 2U);
    const HeapFigures& sf = figures->heaps[1];
    EXPECT_EQ(sf.id, 24U);
    EXPECT_EQ(sf.name, "sf");
    EXPECT_EQ(sf.type, "carveout");
    EXPECT_EQ(sf.size, 65536U);
    EXPECT_EQ(sf.allocated, 8192U);
    EXPECT_EQ(sf.free(), 57344U);
    EXPECT_EQ(sf.largest_free, 57344U);
    EXPECT_EQ(sf.buffers, 2U);
    EXPECT_EQ(sf.orphaned, 4096U);
    EXPECT_EQ(figures->heaps[0].free(), 0U) << "it has no region";

    EXPECT_EQ(figures->open_files, 2U);
    ASSERT_EQ(figures->clients.size(), 1U) << "of the other it says nothing but that it is open";
    EXPECT_EQ(figures->clients[0].name, "7-0");
    EXPECT_EQ(figures->clients[0].pid, 7);
    EXPECT_EQ(figures->clients[0].comm, "a\"b\\c\nd?");
    EXPECT_THAT(figures->clients[0].bytes, ElementsAre(Pair("sf", 4096), Pair("system", 12288)));
    EXPECT_EQ(figures->clients[0].total(), 16384U);
    EXPECT_THAT(figures->refusals, ElementsAre(Pair("EINVAL", 1), Pair("ENOMEM", 3)));
}

TEST(Figures, NameWhoGrows) {
    const auto figures =
        parse_figures("ion_client_growth_bytes{client=\"7-0\",pid=\"7\",comm=\"x\"} 4096\n# EOF\n");
    ASSERT_TRUE(figures) << figures.error().context;
    EXPECT_THAT(figures->growing, ElementsAre(Pair("7-0", 4096)));
}

TEST(Figures, LeaveOutFamiliesOfALaterDaemon) {
    const auto figures = parse_figures("ion_new_bytes{heap=\"x\"} 1\nion_clients 3\n# EOF\n");
    ASSERT_TRUE(figures) << figures.error().context;
    EXPECT_EQ(figures->open_files, 3U);
    EXPECT_TRUE(figures->heaps.empty());
}

}  // namespace
}  // namespace ion::usage
