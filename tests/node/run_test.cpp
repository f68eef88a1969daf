// SPDX-License-Identifier: Apache-2.0
//
// `ionctl run`: unmodified programs get from it, as nobody, what they get from the daemon; and what they may do with a
// device that exists nowhere.

#include <gtest/gtest.h>

#include <fstream>

#include "tests/node/expected_lines.h"
#include "tests/node/silent_file.h"
#include "tests/node/supervised_program.h"

namespace ion::test {
namespace {

/// Runs a client to its end as nobody; its lines must be `expected`, and nothing may be left of it.
void expect_lines(const SupervisedTraits& traits, const std::string& expected) {
    SupervisedTraits unprivileged = traits;
    unprivileged.launcher = nobody();
    SupervisedProgram client(unprivileged);
    client.process().close_input();
    EXPECT_EQ(client.process().read_lines(), lines_of(expected));
    EXPECT_EQ(client.wait(), 0) << client.errors();
    client.expect_nothing_left();
}

/// By suffix of the program: 64 bits, 32 bits, `int 0x80` from 64-bit code.
class RunSemantics : public ::testing::TestWithParam<const char*> {};

TEST_P(RunSemantics, GenerationA) {
    expect_lines({.program = std::string("semantics_a") + GetParam()}, kGenerationA);
}

TEST_P(RunSemantics, GenerationB) {
    expect_lines({.program = std::string("semantics_b") + GetParam()}, kGenerationB);
}

TEST_P(RunSemantics, GenerationCAndHostileArguments) {
    expect_lines({.program = std::string("semantics_c") + GetParam()}, kGenerationC);
}

INSTANTIATE_TEST_SUITE_P(Width, RunSemantics, ::testing::Values("", "_32", "_int80"), [](const auto& suffix) {
    return suffix.param[0] == '\0' ? std::string("64") : std::string(suffix.param + 1);
});

TEST(RunObjects, FollowTheRulesOfClientsHandlesAndBuffers) {
    expect_lines({.program = "objects"}, kObjects);
}

TEST(RunObjects, AreSharedByProcessesAndEndWithTheLast) {
    expect_lines({.program = "processes"}, kProcesses);
}

struct PersonalityCase {
    const char* name;
    const char* lines;
};

TEST(RunConfig, DecidesThePersonality) {
    for (const auto& [name, lines] :
         {PersonalityCase{"auto", kPersonalityAuto}, PersonalityCase{"legacy", kPersonalityLegacy},
          PersonalityCase{"modern", kPersonalityModern}, PersonalityCase{"msm-3.4", kPersonalityMsm34}}) {
        SCOPED_TRACE(name);
        const PublicFolder folder;
        const std::string file = folder.path() + "/config.toml";
        std::ofstream(file) << "personality = \"" << name << "\"\n";
        expect_lines({.program = "personality", .options = {"--config", file}},
                     std::string(lines) + "holds\n");
    }
}

TEST(RunConfig, DecidesTheNameOfTheDevice) {
    SupervisedProgram other(
        {.program = "objects", .arguments = {"/dev/ion-2"}, .options = {"--device-name", "ion-2"}});
    EXPECT_EQ(other.process().read_lines(), lines_of(kObjects));
    EXPECT_EQ(other.wait(), 0) << other.errors();
    SupervisedProgram wrong({.program = "objects", .arguments = {"/dev/ion-2"}});
    EXPECT_EQ(wrong.wait(), 1);  // no such file
    wrong.expect_nothing_left();
}

class RunDemo : public ::testing::TestWithParam<const char*> {};

TEST_P(RunDemo, GoesThroughToItsEnd) {
    SupervisedProgram demo({.program = GetParam(), .arguments = {"/dev/ion", "0x1"}, .launcher = nobody()});
    demo.process().close_input();
    EXPECT_FALSE(demo.process().read_lines().empty());
    EXPECT_EQ(demo.wait(), 0) << demo.errors();
    demo.expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(Program, RunDemo, ::testing::Values("demo_a", "demo_a_32", "demo_b", "demo_c"),
                         [](const auto& one) { return std::string(one.param); });

TEST(RunRestricted, ProgramUnderAKillingFilterIsServed) {
    expect_lines({.program = "restricted", .arguments = {"/dev/ion", "confined"}},
                 "starts ok\nconfined ok fd=set\nconfined_again ok fd=set\n");
}

TEST(RunRestricted, TracedProgramIsServed) {
    expect_lines({.program = "restricted", .arguments = {"/dev/ion", "traced"}},
                 "starts ok\ntraced ok fd=set\ntraced_again ok fd=set\nfree_of_debugger ok fd=set\n");
}

/// By the client program: 64 and 32 bits.
class RunDevice : public ::testing::TestWithParam<const char*> {
  protected:
    static void expect(const char* mode, const std::string& expected) {
        expect_lines({.program = GetParam(), .arguments = {"/dev/ion", mode}}, expected);
    }
};

TEST_P(RunDevice, IsFoundByEveryWayThatLeadsToItsName) {
    const PublicFolder folder;
    expect_lines({.program = GetParam(), .arguments = {"/dev/ion", "paths", folder.path()}}, R"(
plain ok cloexec=0
close_on_exec ok cloexec=1
not_normal ok cloexec=0
openat ok cloexec=0
openat2 ok cloexec=1
openat2_relative ok cloexec=0
old_open ok cloexec=0
link ok cloexec=0
link_to_link ok cloexec=0
link_not_followed ELOOP
through_link ok cloexec=0
exclusively EEXIST
as_folder ENOENT
elsewhere ENOENT
in_folder ok cloexec=0
empty ENOENT
bad_pointer EFAULT
)");
}

TEST_P(RunDevice, LivesThroughDupForkExecAndSockets) {
    expect("files", R"(
terminal_command ENOTTY
unknown_command ENOTTY
on_pipe ENOTTY
on_nothing EBADF
read_only_by_path ENOTTY
copy_shares 1
inherited_shares 1
in_flight_shares 1
received_shares 1
)");
}

TEST_P(RunDevice, AnswersSyncOfItsBuffersAlone) {
    expect("sync", R"(
start_read ok
start_write ok
end_both ok
no_direction EINVAL
unknown_flag EINVAL
bad_pointer EFAULT
on_device ENOTTY
on_other_memfd ENOTTY
on_nothing EBADF
)");
}

TEST_P(RunDevice, SaysWhenTheTableIsFull) {
    expect("limit", R"(
share EMFILE errno_in_fd=1
alloc EMFILE fd=5a5a
open EMFILE
share_again ok last=1
)");
}

TEST_P(RunDevice, ServesManyThreads) {
    expect("threads", "next_handle 1\n");
}

TEST_P(RunDevice, DoesEachCallOnceUnderSignals) {
    expect("timer", "odd 0\n");
}

TEST_P(RunDevice, KeepsNothingOfThoseKilledInsideCalls) {
    expect("killed", "alive ok\n");
}

INSTANTIATE_TEST_SUITE_P(Width, RunDevice, ::testing::Values("supervised", "supervised_32"),
                         [](const auto& one) {
                             return std::string(one.param) == "supervised" ? "64" : "32";
                         });

TEST(RunRaw, ServesThreadsWithoutALibraryOnSmallStacks) {
    expect_lines({.program = "raw_threads"}, "done\n");
}

TEST(RunHostile, RandomCommandsHarmNobody) {
    for (const char* program : {"hostile", "hostile_32"}) {
        expect_lines({.program = program, .arguments = {"/dev/ion", "random", "1", "5000"}},
                     "answered some\n");
    }
}

TEST(RunHostile, ArgumentThatNeverComesStopsNobodyElse) {
    const SilentFile file;
    // Both in one tree; what comes after the first line of the one that gets stuck runs beside it.
    const std::string script =
        "{ \"$0\" /dev/ion memory \"$2\" & echo $!; } | { read pid; read calls; "
        "\"$1\" /dev/ion threads; kill -KILL $pid; }";
    SupervisedProgram both(
        {.program = "/bin/sh",
         .arguments = {"-c", script, client_path("hostile"), client_path("supervised"), file.path()}});
    EXPECT_EQ(both.process().read_lines(), lines_of("next_handle 1\n"));
    EXPECT_EQ(both.wait(), 0) << both.errors();
    both.expect_nothing_left();
}

TEST(RunUserNamespace, WorksInsideOne) {
    Program probe("/usr/bin/unshare", {"--user", "--map-root-user", "true"});
    if (probe.wait() != 0) {
        GTEST_SKIP() << "no user namespaces here (user.max_user_namespaces, or a container's rules)";
    }
    for (const char* program : {"semantics_b", "semantics_b_32"}) {
        std::vector<std::string> launcher = nobody();
        launcher.insert(launcher.end(), {"unshare", "--user", "--map-root-user"});
        SupervisedProgram client({.program = program, .launcher = launcher});
        EXPECT_EQ(client.process().read_lines(), lines_of(kGenerationB));
        EXPECT_EQ(client.wait(), 0) << client.errors();
        client.expect_nothing_left();
    }
}

}  // namespace
}  // namespace ion::test
