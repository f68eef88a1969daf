// SPDX-License-Identifier: Apache-2.0
//
// A hundred thousand buffers at once, for every exporter that makes each buffer an object of its own.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "tests/footprint/measure.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

constexpr std::size_t kBuffers = 100'000;
constexpr std::uint64_t kBytesPerBuffer = 1024;

class LargeTable : public ::testing::TestWithParam<std::string> {};

TEST_P(LargeTable, HoldsAHundredThousandBuffers) {
    if (GetParam() == "udmabuf" && ::access("/dev/udmabuf", R_OK | W_OK) != 0) {
        GTEST_SKIP() << "there is no /dev/udmabuf";
    }
    DaemonTraits traits;
    traits.config =
        "preset = \"none\"\n[[heap]]\nid = 0\ntype = \"system\"\nname = \"system\"\nexporters = [\"" +
        GetParam() + "\"]\n";
    share_one_processor();
    const Daemon daemon(traits);
    if (const std::size_t limit = descriptor_limit(daemon); limit < kBuffers + 100) {
        GTEST_SKIP() << "the daemon may have " << limit << " descriptors only";
    }
    Hoarder client(daemon);
    ASSERT_EQ(client.allocate(1), 0);
    const DaemonMemory before = memory_of(daemon);
    const std::size_t descriptors = daemon.descriptors().size();

    ASSERT_EQ(client.allocate(kBuffers), 0);

    const DaemonMemory after = memory_of(daemon);
    const std::uint64_t heap = after.heap - before.heap;
    const std::uint64_t journal = after.journal - before.journal;
    EXPECT_EQ(daemon.descriptors().size(), descriptors + kBuffers);
    EXPECT_LT(heap + journal, kBuffers * kBytesPerBuffer);
    std::printf("a buffer takes %zu bytes of the worker's memory and %zu of the journal\n",
                static_cast<std::size_t>(heap / kBuffers), static_cast<std::size_t>(journal / kBuffers));
    client.close();
    EXPECT_TRUE(daemon.wait_until_empty());
}

INSTANTIATE_TEST_SUITE_P(Footprint, LargeTable, ::testing::Values("memfd", "udmabuf"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace ion::test
