// SPDX-License-Identifier: Apache-2.0
//
// Difficult clients, all at once: every one gets what it asked for, and nothing is left of any.

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/node/daemon_fixture.h"
#include "tests/node/silent_file.h"
#include "tests/stress/frozen_client.h"

namespace ion::test {
namespace {

/// These do their rounds and must come through.
constexpr std::array kSteady{
    ClientKind{"plain", "stress_client", "plain"},
    ClientKind{"32-bit", "stress_client_32", "plain"},
    ClientKind{"int 0x80", "stress_client_int80", "plain"},
    ClientKind{"8 threads, timer", "stress_client", "crowd"},
    ClientKind{"8 threads, timer, 32-bit", "stress_client_32", "crowd"},
    ClientKind{"8 threads, timer, int 0x80", "stress_client_int80", "crowd"},
    ClientKind{"4 KiB stack", "stress_client", "small-stack"},
    ClientKind{"own descriptor table", "stress_client", "own-table"},
    ClientKind{"leader has exited", "stress_client", "leaderless"},
    ClientKind{"other namespaces", "stress_client", "namespaces"},
    ClientKind{"seccomp filter", "stress_client", "filtered"},
};

/// These are killed, again and again.
constexpr std::array kVictims{
    ClientKind{"killed, 8 threads", "stress_client", "crowd"},
    ClientKind{"killed, 32-bit", "stress_client_32", "crowd"},
    ClientKind{"killed, own table", "stress_client", "own-table"},
    ClientKind{"killed, namespaces", "stress_client", "namespaces"},
    ClientKind{"killed, no leader", "stress_client", "leaderless"},
};

/// These wait for memory that never answers.
constexpr std::array kSilent{
    ClientKind{"silent argument", "stress_client", "silent-argument"},
    ClientKind{"silent array", "stress_client", "silent-array"},
    ClientKind{"silent in the call", "stress_client", "silent-later"},
    ClientKind{"silent in the call", "stress_client", "silent-later"},
    ClientKind{"silent in the call", "stress_client", "silent-later"},
    ClientKind{"silent in the call", "stress_client_32", "silent-later"},
};

constexpr ClientKind kFrozen{"frozen", "stress_client", "frozen"};

/// By each way, all steady clients together.
constexpr std::uint32_t kWanted = 5000;
constexpr std::uint32_t kRounds = 1008;  // each thread of a crowd does as many by one way as by the other
constexpr std::uint32_t kKills = 100;
constexpr int kLongestDelay = 25;  // ms
constexpr std::size_t kVictimsAtOnce = 3;
constexpr std::uint32_t kKillsBetweenFreezes = 10;

/// What clients of one kind have done.
struct Row {
    std::uint32_t injected = 0, by_channel = 0, passed_on = 0, refused = 0, expired = 0, clients = 0;

    void add(const stress_report& report) {
        injected += stress_get(&report.allocations[STRESS_INJECTED]);
        by_channel += stress_get(&report.allocations[STRESS_BY_CHANNEL]);
        passed_on += stress_get(&report.passed_on);
        refused += stress_get(&report.refused);
        expired += stress_get(&report.expired);
        ++clients;
    }
};

class Everybody {
  public:
    explicit Everybody(const std::string& device) : device_(device), random_(seed()) {}

    void start() {
        for (const auto& kind : kSteady) {
            steady_.push_back(start(kind, scaled(kRounds)));
        }
        for (const auto& kind : kSilent) {
            silent_clients_.push_back(start(kind, 1));
        }
        for (const auto kind : freezers_in_use()) {
            frozen_.push_back(std::make_unique<FrozenClient>(kind, kFrozen, device_, next_seed()));
            EXPECT_EQ(frozen_.back()->missing(), "");
        }
    }

    /// Kills and freezes until the steady ones are done.
    void disturb() {
        const auto deadline = Clock::now() + kPatience;
        bool freeze = true;
        std::uint32_t kills = 0;
        while ((kills < scaled(kKills) || !steady_are_done()) && Clock::now() < deadline) {
            victims_.push_back(start(kVictims[kills % kVictims.size()], UINT32_MAX));
            if (victims_.size() == kVictimsAtOnce) {
                await_random_moment();
                kill_oldest_victim();
            }
            if (++kills % kKillsBetweenFreezes == 0) {
                for (auto& frozen : frozen_) {
                    EXPECT_TRUE(freeze ? frozen->freeze_in_call() : frozen->thaw());
                }
                freeze = !freeze;
            }
        }
        EXPECT_GE(kills, scaled(kKills));
        while (!victims_.empty()) {
            kill_oldest_victim();
        }
    }

    /// Everybody is asked to come to an end, and looked at before it goes.
    void end() {
        for (auto& frozen : frozen_) {
            EXPECT_TRUE(frozen->thaw());
            stress_set(&frozen->client().report().stop, 1);
        }
        end_silent();
        for (auto& client : steady_) {
            finish(*client);
        }
        for (auto& frozen : frozen_) {
            finish(frozen->client());
        }
    }

    void print() const {
        std::printf("%-28s %8s %8s %8s %8s %8s %8s\n", "clients", "number", "injected", "channel",
                    "passed on", "refused", "expired");
        Row all;
        for (const auto& [kind, row] : rows_) {
            print(kind.c_str(), row);
            all.injected += row.injected;
            all.by_channel += row.by_channel;
            all.passed_on += row.passed_on;
            all.refused += row.refused;
            all.expired += row.expired;
            all.clients += row.clients;
        }
        print("all", all);
    }

    [[nodiscard]] Row steady() const {
        Row sum;
        for (const auto& client : steady_) {
            sum.add(client->report());
        }
        return sum;
    }

  private:
    std::uint32_t next_seed() { return static_cast<std::uint32_t>(random_()); }

    std::unique_ptr<ClientProcess> start(const ClientKind& kind, std::uint32_t rounds) {
        return std::make_unique<ClientProcess>(kind, device_, next_seed(), rounds, silent_->path());
    }

    bool steady_are_done() const {
        for (const auto& client : steady_) {
            if (!readable_within(client->output(), std::chrono::milliseconds(0))) {
                return false;
            }
        }
        return true;
    }

    /// Often one in the middle of its work, sometimes any.
    void await_random_moment() {
        const std::uint32_t* injected = &victims_.front()->report().allocations[STRESS_INJECTED];
        if (random_() % 3 > 0) {
            EXPECT_TRUE(eventually([&] { return stress_get(injected) > 0; }))
                << victims_.front()->kind().name;
        }
        (void)readable_within(-1, std::chrono::milliseconds(random_() % kLongestDelay));
    }

    void kill_oldest_victim() {
        ClientProcess& victim = *victims_.front();
        const auto status = victim.kill();
        EXPECT_TRUE(status && WIFSIGNALED(*status) && WTERMSIG(*status) == SIGKILL)
            << victim.kind().name << ": " << (status ? *status : -1);
        rows_[victim.kind().name].add(victim.report());
        victims_.pop_front();
    }

    /// Every other one is killed while its memory is silent, the rest comes free with the server's end.
    void end_silent() {
        for (std::size_t i = 0; i < silent_clients_.size(); i += 2) {
            EXPECT_TRUE(eventually([&] { return stress_get(&silent_clients_[i]->report().in_call) > 0; }));
            const auto status = silent_clients_[i]->kill();
            EXPECT_TRUE(status.has_value()) << silent_clients_[i]->kind().name << " does not die";
        }
        silent_.reset();  // whoever waits for a page gets an error
        for (std::size_t i = 1; i < silent_clients_.size(); i += 2) {
            finish(*silent_clients_[i]);
        }
    }

    void finish(ClientProcess& client) {
        std::string why;
        EXPECT_TRUE(client.wait_until_done()) << client.kind().name;
        EXPECT_TRUE(client.runs_free(why)) << why;
        EXPECT_EQ(client.finish(), 0) << client.kind().name;
        rows_[client.kind().name].add(client.report());
    }

    static void print(const char* kind, const Row& row) {
        std::printf("%-28s %8u %8u %8u %8u %8u %8u\n", kind, row.clients, row.injected, row.by_channel,
                    row.passed_on, row.refused, row.expired);
    }

    std::string device_;
    std::mt19937 random_;
    std::optional<SilentFile> silent_{std::in_place};
    std::vector<std::unique_ptr<ClientProcess>> steady_;
    std::vector<std::unique_ptr<ClientProcess>> silent_clients_;
    std::vector<std::unique_ptr<FrozenClient>> frozen_;
    std::deque<std::unique_ptr<ClientProcess>> victims_;
    std::map<std::string, Row> rows_;
};

/// Descriptors of memory that the daemon has open.
std::int64_t buffers_open(const Daemon& daemon) {
    return std::ranges::count_if(daemon.descriptors(), [](const std::string& line) {
        return line.find("/memfd:") != std::string::npos || line.find("/dmabuf:") != std::string::npos;
    });
}

TEST(Stress, EverybodyAtOnceIsServedAndNothingIsLeft) {
    std::printf("ION_STRESS_SEED=%u\n", seed());
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    Daemon daemon;
    ASSERT_FALSE(HasFailure());
    const auto buffers_before = buffers_open(daemon);
    Everybody everybody(daemon.device());

    everybody.start();
    everybody.disturb();
    everybody.end();

    EXPECT_TRUE(daemon.wait_until_empty());
    EXPECT_TRUE(eventually([&] {
        empty_pool(daemon, "system");
        return buffers_open(daemon) == buffers_before;
    })) << buffers_open(daemon);
    EXPECT_EQ(reap_orphans(), 0) << "processes of clients died by themselves";
    everybody.print();
    const Row steady = everybody.steady();
    EXPECT_GE(steady.injected, scaled(kWanted));
    EXPECT_GE(steady.by_channel, scaled(kWanted));
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
