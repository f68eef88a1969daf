// SPDX-License-Identifier: Apache-2.0
//
// The whole usage mount while 16 clients churn: every tool reads it, and every snapshot adds up.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string>

#include "tests/node/churn_load.h"
#include "tests/node/daemon_fixture.h"
#include "tests/node/patience.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

constexpr int kClients = 16;
constexpr int kFewClients = 4;  // enough that no two texts are alike
constexpr std::uint32_t kSnapshots = 10'000;
constexpr std::uint32_t kCallsBetween = 50;

class UsageChurn : public testing::Test {
  protected:
    void churn(int clients) {
        for (int i = 0; i < clients; ++i) {
            load_.add(i % 3 == 0 ? "c" : i % 3 == 1 ? "b" : "channel", 1);
        }
        EXPECT_TRUE(load_.advance(kCallsBetween));
    }

    void finish() {
        EXPECT_TRUE(load_.advance(kCallsBetween)) << "they still churn";
        load_.finish();
        EXPECT_TRUE(daemon_.wait_until_empty());
        daemon_.stop();
    }

    Daemon daemon_;
    Load load_{daemon_};
};

/// What a shell command in the mount complains about, but for files that have gone.
std::string complaints(const Daemon& daemon, const std::string& command) {
    Program shell("/bin/sh", {"-c", "cd " + daemon.usage() + " && { " + command + "; } 2>&1 >/dev/null"});
    std::string text;
    for (const std::string& line : shell.read_lines()) {
        // tar's words for the same.
        if (line.find("No such file or directory") == std::string::npos &&
            line.find("File removed before we read it") == std::string::npos &&
            line.find("Exiting with failure status due to previous errors") == std::string::npos) {
            text += line + "\n";
        }
    }
    (void)shell.wait();  // not 0 when a file had gone
    return text;
}

TEST_F(UsageChurn, EveryToolReadsTheWholeMount) {
    churn(kClients);
    std::string copy = "/tmp/ion-copy-XXXXXX";
    ASSERT_NE(::mkdtemp(copy.data()), nullptr);
    for (const std::string& command :
         {std::string("find . -type f -exec cat {} +"),
          std::string("find . -type f -exec head -c 100000000 {} +"),
          std::string("find . -type f -exec tail -n 2 {} +"), std::string("find . -type f -exec wc -c {} +"),
          std::string("grep -r nothing ."), std::string("tar cf - ."),
          std::string("find . -type f -exec busybox cat {} +"),
          std::string("find . -type f -size -2 -exec dd status=none bs=1 if={} ';'"),
          std::string("find heaps metrics -type f -exec dd status=none bs=1 if={} ';'"), "cp -r . " + copy}) {
        EXPECT_EQ(complaints(daemon_, command), "") << command;
    }
    // Complete: the copies end as such texts do.
    EXPECT_TRUE(read_file(copy + "/metrics").ends_with("# EOF\n"));
    EXPECT_TRUE(read_file(copy + "/heaps/system").ends_with(" total\n"));
    std::filesystem::remove_all(copy);
    finish();
}

/// The sizes of the rows of a memory map, of buffers and of gaps.
struct MapSums {
    std::uint64_t buffers = 0;
    std::uint64_t free = 0;
};

MapSums sums_of_map(const std::string& text) {
    MapSums sums;
    std::istringstream lines(text.substr(text.find("Memory Map\n")));
    std::string line;
    std::getline(lines, line);
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string client;
        std::string from;
        std::string to;
        std::uint64_t size = 0;
        words >> client >> from >> to >> size;
        (client == "FREE" ? sums.free : sums.buffers) += size;
    }
    return sums;
}

std::uint64_t hexadecimal(const std::string& text, const std::string& label) {
    const std::size_t at = text.find(label);
    return at == std::string::npos ? 0 : std::stoull(text.substr(at + label.size()), nullptr, 16);
}

TEST_F(UsageChurn, EverySnapshotOfARegionAddsUpToItsSize) {
    churn(kFewClients);
    for (std::uint32_t i = 0; i < scaled(kSnapshots); ++i) {
        const std::string text = read_file(daemon_.usage() + "/carveout");
        const MapSums sums = sums_of_map(text);
        ASSERT_EQ(sums.buffers, hexadecimal(text, "total bytes currently allocated: ")) << text;
        ASSERT_EQ(sums.buffers + sums.free, hexadecimal(text, "total heap size: ")) << text;
    }
    finish();
}

/// As IonMemoryUtil reads it; none of these clients shares a buffer with another.
TEST_F(UsageChurn, RowsOfClientsAndOrphansAddUpToTheTotal) {
    churn(kFewClients);
    const std::regex row(R"(\n\s+\S+\s+(\d+)\s+(\d+))");
    for (std::uint32_t i = 0; i < scaled(kSnapshots); ++i) {
        const std::string text = read_file(daemon_.usage() + "/heaps/system");
        std::int64_t sum = 0;
        for (auto match = std::sregex_iterator(text.begin(), text.end(), row);
             match != std::sregex_iterator(); ++match) {
            sum += std::stoll((*match)[2]);
        }
        ASSERT_EQ(sum, figure(text, "total ")) << text;
    }
    finish();
}

}  // namespace
}  // namespace ion::test
