// SPDX-License-Identifier: Apache-2.0
//
// What the daemon takes of the machine, idle and with as many buffers as its descriptor table has room for.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>

#include "tests/footprint/measure.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

constexpr std::uint64_t kIdleBytes = 12 << 20;
constexpr std::uint64_t kBytesPerBuffer = 1024;

/// Descriptors that stay free when the table is "as full as possible".
constexpr std::size_t kReserve = 64;

constexpr std::size_t kMany = 19'000;

/// Room for buffers in the tests that fill the table to the last descriptor.
constexpr std::size_t kSmallTable = 200;

constexpr std::size_t kFreed = 10;

/// Freed buffers whose memory the system heap keeps, a descriptor each: the initial value of its pool_buffers.
constexpr std::size_t kPooled = 256;

/// The worker gets no new descriptor, wherever its table has room. Returns the limit before.
rlimit refuse_descriptors(const Daemon& daemon) {
    const rlimit only_standard_streams{3, descriptor_limit(daemon)};
    rlimit former{};
    EXPECT_EQ(::prlimit(daemon.worker(), RLIMIT_NOFILE, &only_standard_streams, &former), 0);
    return former;
}

TEST(Footprint, IdleWorkerIsSmall) {
    if (const char* reason = bytes_mean_nothing(); reason != nullptr) {
        GTEST_SKIP() << reason;
    }
    const Daemon daemon;

    const DaemonMemory idle = memory_of(daemon);

    EXPECT_LT(idle.resident, kIdleBytes);
    EXPECT_LT(idle.journal, kIdleBytes / 4);
}

TEST(Footprint, BufferCostsOneDescriptorAndLessThanOneKiB) {
    if (const char* reason = bytes_mean_nothing(); reason != nullptr) {
        GTEST_SKIP() << reason;
    }
    share_one_processor();
    const Daemon daemon(
        {.config = "[limits.client]\nbuffers = \"none\"\n[limits.uid]\nbuffers = \"none\"\n"});
    const std::size_t count =
        std::min(kMany, descriptor_limit(daemon) - daemon.descriptors().size() - kReserve);
    Hoarder client(daemon);
    ASSERT_EQ(client.allocate(1), 0);  // the client's injectors and tables are there from now on
    const DaemonMemory before = memory_of(daemon);
    const std::size_t descriptors = daemon.descriptors().size();

    ASSERT_EQ(client.allocate(count), 0);

    const DaemonMemory after = memory_of(daemon);
    EXPECT_EQ(daemon.descriptors().size(), descriptors + count);
    const std::uint64_t heap = after.heap - before.heap;
    const std::uint64_t journal = after.journal - before.journal;
    EXPECT_LT(heap + journal, count * kBytesPerBuffer);
    std::printf("a buffer takes %zu bytes of the worker's memory and %zu of the journal\n",
                static_cast<std::size_t>(heap / count), static_cast<std::size_t>(journal / count));
    client.free(count);
    EXPECT_TRUE(eventually([&] { return daemon.descriptors().size() <= descriptors + kPooled; }));
}

TEST(Footprint, FullTableIsOutOfMemoryAndSaysWhy) {
    DaemonTraits traits;
    traits.arguments = {"--log-level", "debug"};
    const Daemon daemon(traits);
    limit_descriptors(daemon, kSmallTable);
    Hoarder client(daemon);

    EXPECT_EQ(client.allocate(kSmallTable + 1), ENOMEM);

    EXPECT_GE(client.count(), kSmallTable - 8);  // some may be in use for a moment, one stays free
    EXPECT_NE(daemon.log().find("the daemon's descriptor table is full"), std::string::npos);
    EXPECT_TRUE(daemon.serves());
    EXPECT_EQ(client.share(), 0) << "one descriptor must be left for exports";
}

TEST(Footprint, ShareForWhichNoDescriptorIsLeftSaysSoInTheStructToo) {
    const Daemon daemon;
    Hoarder client(daemon);
    ASSERT_EQ(client.allocate(1), 0);
    ASSERT_EQ(client.share(), 0);
    const rlimit former = refuse_descriptors(daemon);

    EXPECT_EQ(client.share(), ENOMEM);
    EXPECT_EQ(client.share(), ENOMEM);

    ASSERT_EQ(::prlimit(daemon.worker(), RLIMIT_NOFILE, &former, nullptr), 0);
    EXPECT_EQ(client.share(), 0);
}

TEST(Footprint, FullTableHasRoomAgainAfterFree) {
    const Daemon daemon;
    limit_descriptors(daemon, kSmallTable);
    Hoarder client(daemon);
    ASSERT_EQ(client.allocate(kSmallTable + 1), ENOMEM);
    const std::size_t full = client.count();

    client.free(kFreed);

    EXPECT_EQ(client.allocate(kFreed + 1), ENOMEM);
    EXPECT_EQ(client.count(), full);
}

TEST(Footprint, FullTableOutlivesTheWorker) {
    Daemon daemon;
    limit_descriptors(daemon, kSmallTable);
    Hoarder client(daemon);
    ASSERT_EQ(client.allocate(kSmallTable + 1), ENOMEM);
    limit_descriptors(daemon, 0);  // not even the spare one, as if the worker had been using it

    daemon.kill_worker();

    EXPECT_EQ(client.allocate(kSmallTable + 1), ENOMEM);  // the worker's own may have left a few numbers
    client.free(client.count());
    EXPECT_EQ(client.allocate(1), 0);
}

}  // namespace
}  // namespace ion::test
