// SPDX-License-Identifier: Apache-2.0
//
// A daemon under a service manager: what of its clients outlives all of its processes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "tests/node/daemon_fixture.h"
#include "tests/node/live_daemon.h"

namespace ion::test {
namespace {

using ::testing::UnorderedElementsAre;

/// Buffers with a pattern in them, of a client that says "ok" when all are there and as they were.
class Keeping {
  public:
    Keeping(const Daemon& daemon, int buffers)
        : program_(client_path("keep"), {daemon.device(), "1", std::to_string(buffers)}) {
        EXPECT_EQ(program_.read_line(), "ready");
    }

    /// "ok", or what is wrong.
    std::string ask() {
        program_.write_line();
        const std::string answer = program_.read_line().value_or("no answer");
        return answer.starts_with("ok ") ? "ok" : answer;
    }
    void end() {
        program_.close_input();
        EXPECT_EQ(program_.wait(), 0);
    }

  private:
    Program program_;
};

TEST(Service, LeavesEverythingInTheStore) {
    Daemon daemon({.service = true});
    EXPECT_THAT(daemon.manager()->stored(),
                UnorderedElementsAre("box-in", "box-out", "control", "journal", "lock",
                                     tests_use_cuse() ? "cuse" : "node", "usage"));
    daemon.stop();
}

TEST(Service, KeepsBuffersWhenTheKeeperIsKilled) {
    Daemon daemon({.service = true});
    Keeping client(daemon, 20);
    EXPECT_EQ(client.ask(), "ok");
    for (int round = 0; round < 3; ++round) {
        daemon.kill_keeper();
        daemon.restart();
        EXPECT_EQ(client.ask(), "ok") << "round " << round;
        daemon.kill_worker();
        EXPECT_EQ(client.ask(), "ok") << "round " << round;
    }
    client.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Service, KeepsBuffersWhenItIsRestarted) {
    Daemon daemon({.service = true});
    Keeping client(daemon, 300);  // more than one message of the box
    for (int round = 0; round < 3; ++round) {
        ASSERT_EQ(::kill(daemon.keeper(), SIGTERM), 0);
        daemon.restart();
        EXPECT_EQ(client.ask(), "ok") << "round " << round;
    }
    client.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Service, KeepsBuffersWhenKeeperAndWorkerAreKilledTogether) {
    Daemon daemon({.service = true});
    Keeping client(daemon, 20);
    ASSERT_EQ(::kill(daemon.keeper(), SIGSTOP), 0);  // so that it starts no other worker
    ASSERT_EQ(::kill(daemon.worker(), SIGKILL), 0);
    daemon.kill_keeper();
    daemon.restart();
    EXPECT_EQ(client.ask(), "ok");
    client.end();
    daemon.stop();
}

TEST(Service, GetsAnotherGuardForOneThatIsKilled) {
    Daemon daemon({.service = true});
    Keeping client(daemon, 20);
    const auto guard = [&](pid_t but) {
        pid_t found = -1;
        EXPECT_TRUE(eventually([&] {
            for (const pid_t pid : daemon.processes()) {
                if (pid != but && read_file("/proc/" + std::to_string(pid) + "/comm") == "iond-guard\n") {
                    found = pid;
                }
            }
            return found > 0;
        }));
        return found;
    };
    const pid_t first = guard(-1);
    ASSERT_EQ(::kill(first, SIGKILL), 0);
    EXPECT_GT(guard(first), 0);
    daemon.kill_keeper();
    daemon.restart();
    EXPECT_EQ(client.ask(), "ok");
    client.end();
    daemon.stop();
}

TEST(Service, KeepsBuffersThroughAnUpgradeAndARestart) {
    Daemon daemon({.service = true});
    Keeping client(daemon, 20);
    EXPECT_EQ(ionctl(daemon, "upgrade").status, 0);
    EXPECT_EQ(client.ask(), "ok");
    daemon.kill_keeper();
    daemon.restart();
    EXPECT_EQ(client.ask(), "ok");
    client.end();
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
