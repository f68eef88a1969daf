// SPDX-License-Identifier: Apache-2.0
//
// A client that is frozen in the middle of a call costs the others nothing.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "tests/node/daemon_fixture.h"
#include "tests/stress/frozen_client.h"

namespace ion::test {
namespace {

constexpr ClientKind kMeter{"meter", "stress_client", "plain"};
constexpr ClientKind kFrozen{"frozen", "stress_client", "frozen"};
constexpr std::array<const char*, STRESS_WAYS> kWays{"injected", "channel"};

constexpr std::uint32_t kBefore = 0;
constexpr std::uint32_t kFrozenNow = 1;
constexpr std::uint32_t kNeither = 2;  // that client runs

/// Phases alternate, so that whatever else this machine does meets both.
constexpr std::uint32_t kTurns = 2;
constexpr std::uint32_t kSamplesPerTurn = 1000;
constexpr std::uint32_t kTolerated = 10;

/// Longer than the daemon waits for a client that does not stop.
constexpr std::chrono::seconds kFreezeAtLeast{3};

bool measure(ClientProcess& meter, std::uint32_t phase) {
    stress_report& report = meter.report();
    std::array<std::uint32_t, STRESS_WAYS> wanted{};
    for (std::size_t way = 0; way < STRESS_WAYS; ++way) {
        wanted[way] = stress_get(&report.samples[phase][way]) + scaled(kSamplesPerTurn);
    }
    stress_set(&report.phase, phase);
    return eventually([&] {
        return stress_get(&report.samples[phase][STRESS_INJECTED]) >= wanted[STRESS_INJECTED] &&
               stress_get(&report.samples[phase][STRESS_BY_CHANNEL]) >= wanted[STRESS_BY_CHANNEL];
    });
}

std::uint32_t p99(const stress_report& report, std::uint32_t phase, std::size_t way) {
    const std::uint32_t count =
        std::min<std::uint32_t>(stress_get(&report.samples[phase][way]), STRESS_SAMPLES);
    std::vector<std::uint32_t> sorted(report.nanoseconds[phase][way], report.nanoseconds[phase][way] + count);
    std::sort(sorted.begin(), sorted.end());
    return count == 0 ? 0 : sorted[count * 99ULL / 100];
}

void compare(const stress_report& report) {
    for (std::size_t way = 0; way < STRESS_WAYS; ++way) {
        const std::uint32_t before = p99(report, kBefore, way);
        const std::uint32_t frozen = p99(report, kFrozenNow, way);
        std::printf("p99 %-8s  %8.3f ms of %5u before, %8.3f ms of %5u while one is frozen\n", kWays[way],
                    before / 1e6, stress_get(&report.samples[kBefore][way]), frozen / 1e6,
                    stress_get(&report.samples[kFrozenNow][way]));
        EXPECT_LT(frozen, kTolerated * before) << kWays[way];
    }
}

void end(ClientProcess& client) {
    std::string why;
    stress_set(&client.report().stop, 1);
    EXPECT_TRUE(client.wait_until_done()) << client.kind().name;
    EXPECT_TRUE(client.runs_free(why)) << why;
    EXPECT_EQ(client.finish(), 0) << client.kind().name;
}

/// A third client comes, is frozen in a call for a while, thaws and ends.
void freeze_another(FreezerKind kind, const Daemon& daemon, ClientProcess& meter, std::uint32_t its_seed) {
    FrozenClient frozen(kind, kFrozen, daemon.device(), its_seed);
    ASSERT_EQ(frozen.missing(), "");
    ASSERT_TRUE(frozen.freeze_in_call());
    EXPECT_TRUE(measure(meter, kFrozenNow));
    EXPECT_FALSE(readable_within(meter.output(), kFreezeAtLeast)) << "the meter has ended";
    stress_set(&meter.report().phase, kNeither);
    ASSERT_TRUE(frozen.thaw());
    end(frozen.client());
    std::printf("calls that the freeze cost the frozen one: %u\n",
                stress_get(&frozen.client().report().expired));
}

void freeze_one_of_three(FreezerKind kind) {
    std::printf("ION_STRESS_SEED=%u\n", seed());
    Daemon daemon;
    ASSERT_FALSE(::testing::Test::HasFailure());
    ClientProcess meter(kMeter, daemon.device(), seed(), UINT32_MAX);
    ClientProcess other(kMeter, daemon.device(), seed() + 1, UINT32_MAX);

    for (std::uint32_t turn = 0; turn < kTurns && !::testing::Test::HasFatalFailure(); ++turn) {
        ASSERT_TRUE(measure(meter, kBefore));
        freeze_another(kind, daemon, meter, seed() + 2 + turn);
    }

    end(meter);
    end(other);
    compare(meter.report());
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Stress, ClientFrozenInACallDelaysNobody) {
    for (const auto kind : freezers_in_use()) {
        SCOPED_TRACE(kind == FreezerKind::kCgroup2 ? "by cgroup2" : "by the old freezer");
        freeze_one_of_three(kind);
    }
}

}  // namespace
}  // namespace ion::test
