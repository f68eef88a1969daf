// SPDX-License-Identifier: Apache-2.0
//
// Workers and keepers are killed at random moments; clients notice nothing. How long they wait is printed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>
#include <memory>
#include <random>

#include "tests/node/daemon_fixture.h"
#include "tests/node/patience.h"
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

/// The load on a daemon, and what it had before.
class Kill : public ::testing::Test {
  protected:
    void begin(const DaemonTraits& traits = {}) {
        std::printf("ION_STRESS_SEED=%u\n", seed());
        daemon_ = std::make_unique<Daemon>(traits);
        ASSERT_TRUE(daemon_->idle());
        descriptors_ = daemon_->descriptors();
        load_ = std::make_unique<Load>(*daemon_);
        start(*load_);
        ASSERT_TRUE(load_->advance(load_->threads()));
    }

    void end() {
        EXPECT_TRUE(load_->advance(kCallsAtTheEnd));
        load_->finish();  // they end by themselves, so none is left stopped, traced or waiting
        EXPECT_TRUE(daemon_->wait_until_empty());
        daemon_->kill_worker();  // the next one starts with as many injectors as the first
        EXPECT_TRUE(daemon_->idle());
        EXPECT_THAT(daemon_->descriptors(), SizeIs(descriptors_.size()))
            << "before: " << PrintToString(descriptors_);
        daemon_->stop();
    }

    std::uint32_t random(std::uint32_t below) { return static_cast<std::uint32_t>(random_()) % below; }

    void pause() { (void)readable_within(-1, std::chrono::milliseconds(random(kLongestLife))); }

    std::mt19937 random_{seed()};
    std::unique_ptr<Daemon> daemon_;
    std::vector<std::string> descriptors_;
    std::unique_ptr<Load> load_;
};

TEST_F(Kill, WorkersAtRandomMomentsUnderLoad) {
    begin();
    Waits waits(*load_);
    pid_t former = -1;
    for (std::uint32_t kill = 0; kill < scaled(kKills); ++kill) {
        pid_t worker = -1;
        ASSERT_TRUE(eventually([&] { return (worker = daemon_->worker()) != former; }));
        ASSERT_EQ(::kill(worker, SIGKILL), 0);
        former = worker;
        const auto killed = Clock::now();
        if (random(kKillsBeforeServing) != 0) {
            ASSERT_TRUE(waits.await_answer(killed)) << "clients are stuck after " << kill + 1 << " kills";
        }
        pause();
    }
    end();
    waits.print("kill");
}

TEST_F(Kill, KeepersAndWorkersOfAServiceInTurn) {
    begin({.service = true});
    Waits of_worker(*load_);
    Waits of_keeper(*load_);
    for (std::uint32_t kill = 0; kill < scaled(kKills); kill += 2) {
        // No answer is waited for every now and then: the keeper dies while the next worker starts.
        ASSERT_EQ(::kill(daemon_->worker(), SIGKILL), 0);
        auto killed = Clock::now();
        if (random(kKillsBeforeServing) != 0) {
            ASSERT_TRUE(of_worker.await_answer(killed)) << "clients are stuck after " << kill + 1 << " kills";
        }
        pause();
        killed = Clock::now();
        daemon_->kill_keeper();
        daemon_->restart();
        ASSERT_TRUE(of_keeper.await_answer(killed)) << "clients are stuck after " << kill + 2 << " kills";
        pause();
    }
    end();
    of_worker.print("kill of a worker");
    of_keeper.print("kill of a keeper");
}

}  // namespace
}  // namespace ion::test
