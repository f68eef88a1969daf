// SPDX-License-Identifier: Apache-2.0
//
// Workers die, clients notice nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <random>

#include "tests/node/churn_load.h"
#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

using ::testing::PrintToString;
using ::testing::SizeIs;

TEST(Recovery, HundredKillsOfTheWorkerUnderLoad) {
    constexpr int kKills = 100;
    constexpr std::uint32_t kMostCallsBetweenKills = 60;
    Daemon daemon;
    ASSERT_TRUE(daemon.idle());
    const auto descriptors = daemon.descriptors();
    Load load(daemon);
    for (const int threads : {1, 1, 1, 4}) {
        load.add("c", threads);
    }
    load.add("b", 1);
    load.add("channel", 1);
    std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same points in every run
    std::uniform_int_distribution<std::uint32_t> calls(1, kMostCallsBetweenKills);

    pid_t former = -1;
    for (int kill = 0; kill < kKills; ++kill) {
        ASSERT_TRUE(load.advance(calls(random))) << "clients are stuck after " << kill << " kills";
        pid_t worker = -1;
        ASSERT_TRUE(eventually([&] { return (worker = daemon.worker()) != former; }));
        ASSERT_EQ(::kill(worker, SIGKILL), 0);
        former = worker;
    }

    EXPECT_TRUE(load.advance(kMostCallsBetweenKills));
    load.finish();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.kill_worker();  // the next one starts with as many injectors as the first
    EXPECT_TRUE(daemon.idle());
    EXPECT_THAT(daemon.descriptors(), SizeIs(descriptors.size())) << "before: " << PrintToString(descriptors);
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
