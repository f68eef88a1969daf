// SPDX-License-Identifier: Apache-2.0
//
// Clients that mean harm get nothing but errors, and nobody else notices.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>

#include "tests/node/churn_load.h"
#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"
#include "tests/node/silent_file.h"

namespace ion::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Hostile, RandomCommandsHarmNeitherTheWorkerNorOthers) {
    constexpr const char* kCalls = "5000";
    constexpr std::uint32_t kCallsOfOthers = 100;
    Daemon daemon;
    ASSERT_TRUE(daemon.idle());
    const pid_t worker = daemon.worker();
    Load load(daemon);
    load.add("c", 1);
    load.add("b", 1);
    ASSERT_TRUE(load.advance(1));

    for (const char* seed : {"1", "2", "3", "4"}) {
        Program hostile(client_path("hostile"), {daemon.device(), "random", seed, kCalls});
        EXPECT_TRUE(load.advance(kCallsOfOthers));
        EXPECT_EQ(hostile.read_line(), "answered some");
        EXPECT_EQ(hostile.wait(), 0);
    }
    Program narrow(client_path("hostile_32"), {daemon.device(), "random", "5", kCalls});
    EXPECT_EQ(narrow.wait(), 0);

    EXPECT_TRUE(load.advance(kCallsOfOthers));
    load.finish();
    EXPECT_EQ(daemon.worker(), worker);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Hostile, DescriptorsThatAreNoChannelAreRefused) {
    Daemon daemon;
    const pid_t worker = daemon.worker();
    Program client(client_path("hostile"), {daemon.device(), "channel"});
    const std::vector<std::string> expected{"device EINVAL", "pipe EINVAL",           "stream_socket EINVAL",
                                            "memfd EINVAL",  "closed EBADF",          "negative EBADF",
                                            "channel ok",    "channel_after_noise ok"};
    EXPECT_EQ(client.read_lines(), expected);
    EXPECT_EQ(client.wait(), 0);
    EXPECT_EQ(daemon.worker(), worker);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

struct Shifty {
    const char* act;
    std::vector<std::string> says;
};

class ShiftyClient : public testing::TestWithParam<Shifty> {};

TEST_P(ShiftyClient, HarmsNeitherItselfNorOthers) {
    constexpr std::uint32_t kCallsOfOthers = 20;
    Daemon daemon({.arguments = {"--log-level", "debug"}});
    ASSERT_TRUE(daemon.idle());
    const pid_t worker = daemon.worker();
    Load load(daemon);
    load.add("c", 1);
    load.add("channel", 1);
    ASSERT_TRUE(load.advance(1));

    Program client(client_path("shifty"), {daemon.device(), GetParam().act});
    EXPECT_EQ(client.read_lines(), GetParam().says);
    EXPECT_EQ(client.wait(), 0);

    EXPECT_TRUE(load.advance(kCallsOfOthers));
    load.finish();
    EXPECT_EQ(daemon.worker(), worker);
    EXPECT_THAT(daemon.log(), Not(HasSubstr("left behind"))) << "an injector waited for it in vain";
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

INSTANTIATE_TEST_SUITE_P(Act, ShiftyClient,
                         testing::Values(Shifty{"flip", {"flip ok"}},
                                         Shifty{"credentials", {"credentials ok odd 0"}},
                                         Shifty{"exec", {"exec ok odd 0"}}, Shifty{"exit", {"exit ok odd 0"}},
                                         Shifty{"stop", {"stop ok odd 0"}},
                                         Shifty{"reopened", {"reopened ok same 1", "by_path EBADF"}},
                                         Shifty{"chroot", {"chroot ok"}},
                                         Shifty{"nofile", {"nofile EMFILE", "handle ok"}},
                                         Shifty{"users", {"users ok"}}, Shifty{"reuse", {"reuse ok odd 0"}}),
                         [](const auto& one) { return std::string(one.param.act); });

TEST(Hostile, ArgumentsThatNeverComeStopNobodyElse) {
    constexpr int kClients = 8;
    Daemon daemon;
    const pid_t worker = daemon.worker();
    Load load(daemon);
    load.add("c", 2);
    load.add("b", 1);
    {
        SilentFile file;
        std::vector<std::unique_ptr<Program>> clients;
        for (int i = 0; i < kClients; ++i) {
            clients.push_back(std::make_unique<Program>(
                client_path("hostile"), std::vector<std::string>{daemon.device(), "memory", file.path()}));
            EXPECT_EQ(clients.back()->read_line(), "calls");
            EXPECT_TRUE(load.advance(10));
        }
        // The injector that waits for the memory is given up after a while, and the call fails.
        EXPECT_EQ(clients.front()->read_line(), "query EFAULT");
        EXPECT_EQ(clients.front()->read_line(), "beside many");
        EXPECT_TRUE(load.advance(100));
        EXPECT_TRUE(daemon.serves());
    }
    load.finish();
    EXPECT_EQ(daemon.worker(), worker);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
