// SPDX-License-Identifier: Apache-2.0
//
// No client ever sees a byte of another one's buffer: with the pool, with one that is too small for anything, while
// it is emptied, and while workers are killed.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

constexpr int kClients = 3;
constexpr int kReports = 5;  // of each client, while nothing is done to the daemon
constexpr int kShrinks = 20;
constexpr int kKills = 5;

std::string one_heap(const std::string& options) {
    return "preset = \"none\"\n[[heap]]\nid = 0\ntype = \"system\"\nname = \"system\"\n[heap.options]\n" +
           options;
}

std::int64_t pooled_bytes(const Daemon& daemon) {
    return figure(read_file(daemon.usage() + "/metrics"),
                  "ion_heap_pooled_bytes{heap=\"system\",id=\"0\",type=\"system\"}");
}

/// Clients that fill their buffers and look at each new one.
class Zeroing : public ::testing::Test {
  protected:
    void start(const Daemon& daemon) {
        for (int i = 0; i < kClients; ++i) {
            clients_.push_back(std::make_unique<Program>(
                client_path("fill"),
                std::vector<std::string>{daemon.device(), "0x1", std::to_string(i + 1)}));
        }
        go_on();
    }

    /// Waits until each has filled some more.
    void go_on() {
        for (const auto& client : clients_) {
            for (int report = 0; report < kReports; ++report) {
                ASSERT_EQ(client->read_line(), "filled");
            }
        }
    }

    /// They end, and have seen nothing.
    void finish(const Daemon& daemon) {
        go_on();
        for (const auto& client : clients_) {
            client->close_input();
        }
        for (const auto& client : clients_) {
            EXPECT_EQ(client->wait(), 0);
        }
        EXPECT_TRUE(daemon.wait_until_empty());
    }

    /// The pool gets memory for the next client, within a bounded time.
    [[nodiscard]] static bool pools(const Daemon& daemon) {
        return eventually([&] { return pooled_bytes(daemon) > 0; });
    }

    std::vector<std::unique_ptr<Program>> clients_;
};

TEST_F(Zeroing, HoldsWithAPool) {
    const Daemon daemon;
    start(daemon);
    EXPECT_TRUE(pools(daemon));
    finish(daemon);
}

TEST_F(Zeroing, HoldsWithoutOne) {
    const Daemon daemon({.config = one_heap("pool_bytes = 0\n")});
    start(daemon);
    finish(daemon);
    EXPECT_EQ(pooled_bytes(daemon), 0);
}

TEST_F(Zeroing, HoldsWhileThePoolOverflowsAndIsEmptied) {
    const Daemon daemon({.config = one_heap("pool_bytes = \"9M\"\npool_buffers = 3\n")});
    start(daemon);
    for (int i = 0; i < kShrinks; ++i) {
        EXPECT_TRUE(pools(daemon));
        empty_pool(daemon, "system");
    }
    finish(daemon);
}

TEST_F(Zeroing, HoldsWhenWorkersAreKilledAtTheirWork) {
    Daemon daemon;
    start(daemon);
    for (int i = 0; i < kKills; ++i) {
        EXPECT_TRUE(pools(daemon));
        daemon.kill_worker();
    }
    finish(daemon);
}

}  // namespace
}  // namespace ion::test
