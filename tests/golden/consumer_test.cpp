// SPDX-License-Identifier: Apache-2.0
//
// The patterns with which known programs read heap files, run on texts of ours.

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/usage/render_counters.h"
#include "daemon/usage/render_heap.h"
#include "tests/golden/snapshots.h"

namespace ion {
namespace {

/// Two clients of one process and one of another share a buffer; pid 702 left an orphan. Names try to mislead.
Snapshot busy(const std::string& type_name) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(0, type_name, "system")};
    snapshot.buffers = {buffer_usage(1, 0, 8192, 1), buffer_usage(2, 0, 4096, 3),
                        orphan_usage(3, 0, 12288, "total", 702)};
    snapshot.clients = {client_usage(1, "total 77", 611, {1, 2}), client_usage(2, "a\n total 9\n", 611, {2}),
                        client_usage(3, "12345", 1232, {2})};
    return snapshot;
}

std::vector<std::string> texts() {
    std::vector<std::string> texts;
    for (const char* type_name : {"system", "carveout"}) {
        for (const bool defers : {false, true}) {
            Snapshot snapshot = busy(type_name);
            snapshot.heaps[0].defers_free = defers;
            texts.push_back(render_heap(snapshot, snapshot.heaps[0]));
        }
    }
    return texts;
}

std::vector<std::smatch> matches(const std::string& text, const std::regex& pattern) {
    return {std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator()};
}

TEST(IonMemoryUtil, FindsOneTotal) {
    const std::regex pattern(R"(\n\s*total\s*(\d+)\s*\n)");
    for (const std::string& text : texts()) {
        const auto found = matches(text, pattern);
        ASSERT_EQ(found.size(), 1U) << text;
        EXPECT_EQ(found[0][1], "24576");
    }
}

TEST(IonMemoryUtil, SumsTheRowsOfEachProcessOrphansIncluded) {
    const std::regex pattern(R"(\n\s+\S+\s+(\d+)\s+(\d+))");
    const std::map<std::string, std::uint64_t> expected{
        {"611", 8192 + 4096 + 4096}, {"1232", 4096}, {"702", 12288}};
    for (const std::string& text : texts()) {
        std::map<std::string, std::uint64_t> bytes;
        for (const std::smatch& match : matches(text, pattern)) {
            bytes[match[1]] += std::stoull(match[2]);
        }
        EXPECT_EQ(bytes, expected) << text;
    }
}

/// `sscanf("%*s %d %ld")` on every line: rows of clients and orphans, and no other line.
TEST(Memtrack, FindsPidAndBytesOfEachRow) {
    const std::map<int, long> expected{{611, 8192 + 4096 + 4096}, {1232, 4096}, {702, 12288}};
    for (const std::string& text : texts()) {
        std::map<int, long> bytes;
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            int pid = 0;
            long size = 0;
            if (std::sscanf(line.c_str(), "%*s %d %ld", &pid, &size) == 2) {
                bytes[pid] += size;
            }
        }
        EXPECT_EQ(bytes, expected) << text;
    }
}

/// `total_heaps_kb` and `total_pools_kb`: one decimal number, the same as the totals of the heaps' texts.
TEST(Libmeminfo, ReadsOneNumberThatIsTheTotalOfTheHeaps) {
    Snapshot snapshot = busy("system");
    snapshot.heaps[0].buffer_bytes = 24576;
    snapshot.heaps[0].usage.pooled = 8192;
    const std::regex number(R"((\d+)\n)");
    std::smatch match;
    const std::string heaps = render_total_heaps_kb(snapshot);
    ASSERT_TRUE(std::regex_match(heaps, match, number)) << heaps;
    EXPECT_EQ(std::stoull(match[1]) * 1024, 24576U);
    const std::string pools = render_total_pools_kb(snapshot);
    ASSERT_TRUE(std::regex_match(pools, match, number)) << pools;
    EXPECT_EQ(std::stoull(match[1]) * 1024, 8192U);
}

TEST(LineReaders, FindOneTotalAndOneOrphanedTotal) {
    const std::regex total(R"(\n\s*total\s+(\d+)\s*(?=\n))");
    const std::regex orphaned(R"(\n\s*total orphaned\s+(\d+)\s*(?=\n))");
    for (const std::string& text : texts()) {
        const auto totals = matches(text, total);
        const auto orphans = matches(text, orphaned);
        ASSERT_EQ(totals.size(), 1U) << text;
        EXPECT_EQ(totals[0][1], "24576");
        ASSERT_EQ(orphans.size(), 1U) << text;
        EXPECT_EQ(orphans[0][1], "12288");
    }
}

TEST(MtkShell, FindsTheLinesItGrepsFor) {
    for (const std::string& text : texts()) {
        EXPECT_NE(text.find("\n  total orphaned            12288\n"), std::string::npos) << text;
        EXPECT_NE(text.find("\n          total             24576\n"), std::string::npos) << text;
    }
}

TEST(MtkShell, GetsTheFigureAfterWhatItGrepsFor) {
    const std::regex orphaned(R"(  total orphaned +(\d+)\n)");
    const std::regex total(R"(          total  +(\d+)\n)");
    for (const std::string& text : texts()) {
        ASSERT_EQ(matches(text, orphaned).size(), 1U) << text;
        ASSERT_EQ(matches(text, total).size(), 1U) << text;
        EXPECT_EQ(matches(text, total)[0][1], "24576");
    }
}

}  // namespace
}  // namespace ion
