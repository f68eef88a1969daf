// SPDX-License-Identifier: Apache-2.0
//
// Deliveries that must look to the client exactly as if the kernel had made the descriptor.

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>

#include "tests/node/injector_fixture.h"

namespace ion::test {
namespace {

constexpr int kSkipped = 77 << 8;

/// One situation: a program, what it does, and how the injector reaches it.
struct Situation {
    const char* name;
    const char* program;
    const char* mode;
    const char* argument = "";
    bool by_name = false;
    bool confined = false;
};

void PrintTo(const Situation& situation, std::ostream* out) {
    *out << situation.name;
}

class Deliveries : public ::testing::TestWithParam<Situation> {};

TEST_P(Deliveries, LeaveNoTraceButTheDescriptor) {
    const auto& situation = GetParam();
    Stage stage({.by_name = situation.by_name, .confined = situation.confined});
    const auto client = stage.start(situation.program, situation.mode, situation.argument);

    const int status = stage.serve_until_end(*client);

    if (status == kSkipped) {
        GTEST_SKIP() << "this kernel cannot set the situation up";
    }
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(stage.failures.empty());
}

constexpr Situation kSituations[] = {
    {"Bits64", "injectee", "calls"},
    {"Bits32", "injectee_32", "calls"},
    {"Int80", "injectee_int80", "calls"},
    {"Bits64ByConfinedInjector", "injectee", "calls", "", false, true},
    {"Bits64ByName", "injectee", "calls", "", true},
    {"Bits32ByName", "injectee_32", "calls", "", true},
    {"Int80ByName", "injectee_int80", "calls", "", true},
    {"OwnDescriptorTable", "injectee", "own-table"},
    {"OwnDescriptorTableByName", "injectee", "own-table", "", true},
    {"LeaderHasExited", "injectee", "leaderless"},
    {"LeaderHasExitedByName", "injectee", "leaderless", "", true},
    {"FourThreads", "injectee", "crowd"},
    {"FourThreads32", "injectee_32", "crowd"},
    {"FourThreadsByName", "injectee", "crowd", "", true},
    {"IntervalTimer", "injectee", "timer"},
    {"IntervalTimer32", "injectee_32", "timer"},
    {"QueuedSignals", "injectee", "queue"},
    {"QueuedSignals32", "injectee_32", "queue"},
    {"TrapHandled", "injectee", "trap", "handled"},
    {"TrapIgnored", "injectee", "trap", "ignored"},
    {"TrapBlocked", "injectee", "trap", "blocked"},
    {"SmallStackWithBusyNeighbour", "injectee", "small-stack"},
    {"OtherNamespaces", "injectee", "namespaces"},
    {"OtherNamespaces32", "injectee_32", "namespaces"},
    {"OtherNamespacesByName", "injectee", "namespaces", "", true},
    {"StructInMemoryThatOnlyTheClientCanWrite", "injectee", "secret"},
};

INSTANTIATE_TEST_SUITE_P(Injector, Deliveries, ::testing::ValuesIn(kSituations),
                         [](const auto& test) { return std::string(test.param.name); });

/// A client with `free` numbers left, and what its call returns.
struct Shortage {
    const char* name;
    const char* program;
    const char* mode;
    const char* free;
    const char* outcome;
    bool by_name = false;
};

void PrintTo(const Shortage& shortage, std::ostream* out) {
    *out << shortage.name;
}

class Shortages : public ::testing::TestWithParam<Shortage> {};

TEST_P(Shortages, AreThoseOfTheKernel) {
    const auto& shortage = GetParam();
    Stage stage({.by_name = shortage.by_name});
    const auto client = stage.start(shortage.program, shortage.mode, shortage.free);

    const int status = stage.serve_until_end(*client);

    EXPECT_EQ(client->read_line(), shortage.outcome);
    EXPECT_EQ(status, 0);
}

constexpr Shortage kShortages[] = {
    {"None", "injectee", "limited", "0", "EMFILE"},
    {"One", "injectee", "limited", "1", "ok"},
    {"Two", "injectee", "limited", "2", "ok"},
    {"Three", "injectee", "limited", "3", "ok"},
    {"None32", "injectee_32", "limited", "0", "EMFILE"},
    {"One32", "injectee_32", "limited", "1", "ok"},
    {"Two32", "injectee_32", "limited", "2", "ok"},
    {"OneInt80", "injectee_int80", "limited", "1", "ok"},
    {"NoneByName", "injectee", "limited", "0", "EMFILE", true},
    {"OneByName", "injectee", "limited", "1", "ok", true},
    {"TwoByName", "injectee", "limited", "2", "ok", true},
    {"NoneAtTheHardLimit", "injectee", "hard-limited", "0", "EMFILE"},
    {"TwoAtTheHardLimit", "injectee", "hard-limited", "2", "ok"},
    {"ThreeAtTheHardLimit", "injectee", "hard-limited", "3", "ok"},
    {"TwoAtTheHardLimitByName", "injectee", "hard-limited", "2", "ok", true},
};

INSTANTIATE_TEST_SUITE_P(Injector, Shortages, ::testing::ValuesIn(kShortages),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Shortage, OneAtTheHardLimitNeedsTheRightToMoveIt) {
    constexpr int kCapSysResource = 24;
    std::uint64_t effective = 0;
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "CapEff:") {
            status >> std::hex >> effective;
        }
    }
    Stage stage;
    const auto client = stage.start("injectee", "hard-limited", "1");

    EXPECT_EQ(stage.serve_until_end(*client), 0);

    EXPECT_EQ(client->read_line(), ((effective >> kCapSysResource) & 1) != 0 ? "ok" : "EMFILE");
}

}  // namespace
}  // namespace ion::test
