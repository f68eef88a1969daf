// SPDX-License-Identifier: Apache-2.0
//
// The daemon is upgraded again and again; clients notice nothing. How long they wait is printed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <random>

#include "tests/node/live_daemon.h"
#include "tests/stress/sixteen_clients.h"

namespace ion::test {
namespace {

using ::testing::PrintToString;
using ::testing::SizeIs;

constexpr std::uint32_t kUpgrades = 50;
constexpr std::uint32_t kLongestPause = 50;  // ms
constexpr std::uint32_t kBuffers = 20000;
constexpr rlim_t kDescriptorsForElse = 200;  // of the daemon, beside one for each buffer
constexpr std::uint32_t kPage = 4096;

/// The first of each pair of processes is gone, so the second serves.
class Upgrader {
  public:
    explicit Upgrader(const Daemon& daemon) : daemon_(daemon), worker_(daemon.worker()) {}

    [[nodiscard]] bool upgraded() {
        pid_t next = -1;
        const bool other = eventually([&] { return (next = daemon_.worker()) != worker_; });
        worker_ = next;
        return other;
    }

    void ask() const { EXPECT_EQ(::kill(daemon_.keeper(), SIGUSR2), 0); }

    /// With a journal of the previous version, which nobody but the next program reads.
    void ask_with_previous_journal() const {
        EXPECT_EQ(::kill(daemon_.keeper(), SIGSTOP), 0);
        await_state(daemon_.keeper(), 'T');
        EXPECT_EQ(::kill(worker_, SIGKILL), 0);
        await_state(worker_, 'Z');
        EXPECT_GT(set_journal_version(daemon_, 1), 1U);
        ask();  // a lower number than SIGCHLD, so it is heard first
        EXPECT_EQ(::kill(daemon_.keeper(), SIGCONT), 0);
    }

  private:
    static void await_state(pid_t pid, char state) {
        const std::string file = "/proc/" + std::to_string(pid) + "/status";
        const std::string line = std::string("State:\t") + state;
        EXPECT_TRUE(eventually([&] { return read_file(file).find(line) != std::string::npos; }));
    }

    const Daemon& daemon_;
    pid_t worker_;
};

TEST(Upgrade, AgainAndAgainUnderLoad) {
    std::printf("ION_STRESS_SEED=%u\n", seed());
    std::mt19937 random(seed());
    Daemon daemon;
    ASSERT_TRUE(daemon.idle());
    const auto descriptors = daemon.descriptors();
    Load load(daemon);
    start(load);
    ASSERT_TRUE(load.advance(load.threads()));
    Waits waits(load);
    Upgrader upgrader(daemon);

    for (std::uint32_t round = 0; round < scaled(kUpgrades); ++round) {
        const auto begin = Clock::now();
        round % 2 == 0 ? upgrader.ask() : upgrader.ask_with_previous_journal();
        ASSERT_TRUE(upgrader.upgraded());
        ASSERT_TRUE(waits.await_answer(begin)) << "clients are stuck after " << round + 1 << " upgrades";
        (void)readable_within(-1, std::chrono::milliseconds(random() % kLongestPause));
    }

    EXPECT_EQ(daemon.log().find("not upgraded"), std::string::npos);
    load.finish();
    EXPECT_TRUE(daemon.wait_until_empty());
    waits.print("upgrade");
    daemon.kill_worker();  // the next one starts with as many injectors as the first
    EXPECT_TRUE(daemon.idle());
    EXPECT_THAT(daemon.descriptors(), SizeIs(descriptors.size())) << "before: " << PrintToString(descriptors);
    daemon.stop();
}

TEST(Upgrade, WithAsManyBuffersAsThereCanBe) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const auto count =
        static_cast<std::uint32_t>(std::min<rlim_t>(scaled(kBuffers), limit.rlim_max - kDescriptorsForElse));
    Daemon daemon({.config = "[limits.client]\nbuffers = \"none\"\n[limits.uid]\nbuffers = \"none\"\n"});
    Allocator client(daemon, 1U << 0);
    for (std::uint32_t i = 0; i < count; ++i) {
        ASSERT_EQ(client.allocate(), "ok") << "buffer " << i;
    }
    Upgrader upgrader(daemon);

    const auto begin = Clock::now();
    upgrader.ask();
    ASSERT_TRUE(upgrader.upgraded());
    EXPECT_EQ(client.allocate(), "ok");
    std::printf("upgrade with %u buffers: answers again after %.0f ms\n", count,
                std::chrono::duration<double, std::milli>(Clock::now() - begin).count());

    EXPECT_EQ(figure(heap_text(daemon, "system"), "total "), std::int64_t{count + 1} * kPage);
    client.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
