// SPDX-License-Identifier: Apache-2.0
//
// Workers are killed at random moments; clients notice nothing. How long they wait is printed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>
#include <random>

#include "tests/node/daemon_fixture.h"
#include "tests/stress/patience.h"
#include "tests/stress/sixteen_clients.h"

namespace ion::test {
namespace {

using ::testing::PrintToString;
using ::testing::SizeIs;

constexpr std::uint32_t kKills = 500;
constexpr std::uint32_t kLongestLife = 20;  // ms, of a worker that has served
constexpr std::uint32_t kKillsBeforeServing =
    4;  // one kill in so many hits a worker before it has answered anybody
constexpr std::uint32_t kCallsAtTheEnd = 1000;

TEST(Kill, WorkersAtRandomMomentsUnderLoad) {
    std::printf("ION_STRESS_SEED=%u\n", seed());
    std::mt19937 random(seed());
    Daemon daemon;
    ASSERT_TRUE(daemon.idle());
    const auto descriptors = daemon.descriptors();
    Load load(daemon);
    start(load);
    ASSERT_TRUE(load.advance(load.threads()));
    Waits waits(load);

    pid_t former = -1;
    for (std::uint32_t kill = 0; kill < scaled(kKills); ++kill) {
        pid_t worker = -1;
        ASSERT_TRUE(eventually([&] { return (worker = daemon.worker()) != former; }));
        ASSERT_EQ(::kill(worker, SIGKILL), 0);
        former = worker;
        const auto killed = Clock::now();
        if (random() % kKillsBeforeServing != 0) {
            ASSERT_TRUE(waits.await_answer(killed)) << "clients are stuck after " << kill + 1 << " kills";
        }
        (void)readable_within(-1, std::chrono::milliseconds(random() % kLongestLife));
    }

    EXPECT_TRUE(load.advance(kCallsAtTheEnd));
    load.finish();  // they end by themselves, so none is left stopped, traced or waiting
    EXPECT_TRUE(daemon.wait_until_empty());
    waits.print("kill");
    daemon.kill_worker();  // the next one starts with as many injectors as the first
    EXPECT_TRUE(daemon.idle());
    EXPECT_THAT(daemon.descriptors(), SizeIs(descriptors.size())) << "before: " << PrintToString(descriptors);
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
