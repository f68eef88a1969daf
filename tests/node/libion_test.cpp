// SPDX-License-Identifier: Apache-2.0
//
// libion before the daemon: programs written for Android's library, many threads, forks.

#include <gtest/gtest.h>

#include <string>

#include "tests/node/daemon_fixture.h"
#include "tests/node/device_in_environment.h"
#include "tests/node/libion_lines.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

struct Case {
    const char* personality;
    const char* program;  ///< how libion is linked, and for which width
    const char* lines;
};
void PrintTo(const Case& one, std::ostream* out) {
    *out << one.personality << ", " << one.program;
}

class Libion : public ::testing::TestWithParam<Case> {};

TEST_P(Libion, RunsAndroidsProgramsUnchanged) {
    Daemon daemon({.config = std::string("personality = \"") + GetParam().personality + "\"\n"});
    const DeviceInEnvironment device(daemon);
    Program client(client_path(GetParam().program), {});
    EXPECT_EQ(client.read_lines(), lines_of(GetParam().lines));
    EXPECT_EQ(client.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty()) << "it ended without freeing anything";
    daemon.stop();
}

INSTANTIATE_TEST_SUITE_P(Personalities, Libion,
                         ::testing::Values(Case{"auto", "libion_semantics", kLibionModern},
                                           Case{"auto", "libion_semantics_32", kLibionModern},
                                           Case{"auto", "libion_semantics_shared", kLibionModern},
                                           Case{"modern", "libion_semantics", kLibionModern},
                                           Case{"linux-5.10", "libion_semantics", kLibionLinux510},
                                           Case{"linux-5.10", "libion_semantics_32", kLibionLinux510},
                                           Case{"legacy", "libion_semantics", kLibionLegacy},
                                           Case{"legacy", "libion_semantics_32", kLibionLegacy},
                                           Case{"legacy", "libion_semantics_shared", kLibionLegacy},
                                           Case{"msm-3.4", "libion_semantics", kLibionMsm34},
                                           Case{"msm-3.4", "libion_semantics_32", kLibionMsm34}),
                         [](const auto& one) {
                             std::string name = std::string(one.param.personality) + one.param.program;
                             std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
                             return name;
                         });

/// Runs libion_load to its end, in which it reports `lines` times.
void expect_no_mix_up(const std::vector<std::string>& arguments, std::size_t lines) {
    Daemon daemon;
    const pid_t worker = daemon.worker();
    const DeviceInEnvironment device(daemon);
    Program client(client_path("libion_load"), arguments);
    EXPECT_EQ(client.read_lines().size(), lines);
    EXPECT_EQ(client.wait(), 0);
    EXPECT_EQ(daemon.worker(), worker);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(LibionThreads, GetTheirOwnDescriptorsByOneChannel) {
    // A CUSE device is one of an emulated machine, where a thousand rounds take minutes.
    const std::uint32_t rounds = tests_use_cuse() ? 100 : 1000;
    expect_no_mix_up({"channel", "24", std::to_string(rounds)}, 24 * rounds / 50);
}

TEST(LibionThreads, GetTheirOwnDescriptorsByInjection) {
    expect_no_mix_up({"ioctl", "24", "50"}, 24);
}

TEST(LibionThreads, AndChildrenForkedMeanwhileAllocateThroughOneDescriptor) {
    expect_no_mix_up({"fork", "8", "200"}, 2 * 8 * 200 / 50);
}

TEST(LibionChannel, LeavesANumberAloneThatIsNoLongerItsSocket) {
    Daemon daemon;
    const DeviceInEnvironment device(daemon);
    Program client(client_path("libion_socket"), {});
    EXPECT_EQ(client.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
