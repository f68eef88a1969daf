// SPDX-License-Identifier: Apache-2.0
//
// `ionctl run` as a process: exit status, signals, input and output, orphans, and its own death.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/node/supervised_program.h"

namespace ion::test {
namespace {

using ::testing::HasSubstr;

SupervisedTraits shell(const std::string& script, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"-c", script};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return {.program = "/bin/sh", .arguments = arguments, .launcher = nobody()};
}

/// The status of `ionctl run` with these words, and what it says.
struct Ended {
    int status;
    std::string errors;
};
Ended run(const SupervisedTraits& traits) {
    SupervisedProgram program(traits);
    program.process().close_input();
    const int status = program.wait();
    return {status, program.errors()};
}

TEST(RunStatus, IsThatOfTheProgram) {
    EXPECT_EQ(run(shell("exit 0")).status, 0);
    EXPECT_EQ(run(shell("exit 7")).status, 7);
    EXPECT_EQ(run(shell("exit 255")).status, 255);
    EXPECT_EQ(run(shell("kill -KILL $$")).status, 128 + SIGKILL);
}

TEST(RunStatus, SaysWhyThereIsNoProgram) {
    const Ended missing = run({.program = "/no/such/program", .usage = false});
    EXPECT_EQ(missing.status, 127);
    EXPECT_EQ(missing.errors, "ionctl: /no/such/program: No such file or directory\n");
    const Ended folder = run({.program = "/etc/", .usage = false});
    EXPECT_EQ(folder.status, 126);
    EXPECT_EQ(folder.errors, "ionctl: /etc/: Permission denied\n");
}

TEST(RunStatus, Is125ForMistakesOfItsOwn) {
    EXPECT_EQ(run({.program = "/bin/true", .options = {"--no-such-option"}}).status, 125);
    EXPECT_EQ(run({.program = "/bin/true", .options = {"--device-name", "a/b"}}).status, 125);
    const Ended config = run({.program = "/bin/true", .options = {"--config", "/no/such/file"}});
    EXPECT_EQ(config.status, 125);
    EXPECT_THAT(config.errors, HasSubstr("/no/such/file"));
}

TEST(RunStatus, OneSupervisorCannotRunAnother) {
    const std::string ionctl = ION_BINARY_DIR "/bin/ionctl";
    const Ended nested = run({.program = ionctl, .arguments = {"run", "--", "/bin/true"}});
    EXPECT_EQ(nested.status, 125);
    EXPECT_THAT(nested.errors, HasSubstr("another seccomp supervisor"));
}

TEST(RunStreams, AreTheProgramsOwn) {
    SupervisedProgram cat({.program = "/bin/cat", .arguments = {}, .launcher = nobody()});
    cat.process().write_line();
    EXPECT_EQ(cat.process().read_line(), "");
    cat.process().close_input();
    EXPECT_EQ(cat.wait(), 0);
    EXPECT_EQ(cat.process().read_line(), std::nullopt);  // the usage texts are elsewhere
    cat.expect_nothing_left();
}

TEST(RunStreams, AreClosedWhenTheProgramClosesThem) {
    SupervisedProgram reader(shell("echo open; exec >&-; read line"));
    EXPECT_EQ(reader.process().read_line(), "open");
    EXPECT_EQ(reader.process().read_line(), std::nullopt);  // it still runs
    reader.process().write_line();
    EXPECT_EQ(reader.wait(), 0);
}

TEST(RunSignals, ArePassedOnToTheProgram) {
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1}) {
        SupervisedProgram cat({.program = "/bin/cat", .arguments = {}, .launcher = nobody()});
        cat.process().write_line();
        EXPECT_EQ(cat.process().read_line(), "");  // it runs
        cat.process().signal(number);
        EXPECT_EQ(cat.wait(), 128 + number);
    }
}

/// A program that leaves another one behind, which holds the device until a line comes in, and ends with status 5.
SupervisedTraits leaving_one_behind() {
    SupervisedTraits traits =
        shell("exec 3<&0; \"$0\" /dev/ion hold <&3 & exit 5", {client_path("supervised")});
    traits.launcher = {};  // whom the folder of the build is open to
    return traits;
}

TEST(RunOrphans, AreServedAndWaitedFor) {
    SupervisedProgram both(leaving_one_behind());
    EXPECT_EQ(both.process().read_line(), "holds");
    both.process().write_line();
    EXPECT_EQ(both.process().read_line(), "share ok");
    EXPECT_EQ(both.wait(), 5);
    both.expect_nothing_left();
}

TEST(RunOrphans, AreLeftBehindAtASignal) {
    SupervisedProgram both(leaving_one_behind());
    EXPECT_EQ(both.process().read_line(), "holds");
    const std::string pid = std::to_string(both.process().pid());
    const auto program_is_gone = [&] {  // reaped, and the other one alone is left
        const std::string children = read_file("/proc/" + pid + "/task/" + pid + "/children");
        return children.find(' ') + 1 == children.size() &&
               read_file("/proc/" + children.substr(0, children.find(' ')) + "/comm") == "supervised\n";
    };
    EXPECT_TRUE(eventually(program_is_gone));
    both.process().signal(SIGTERM);
    EXPECT_EQ(both.wait(), 5);
    both.process().write_line();
    EXPECT_EQ(both.process().read_line(), "share ENOSYS");
}

TEST(RunUsage, NamesTheClientsThatAreLeftOnlyWhileTheyAreThere) {
    SupervisedProgram client(
        {.program = "supervised", .arguments = {"/dev/ion", "hold"}, .launcher = nobody()});
    EXPECT_EQ(client.process().read_line(), "holds");
    client.process().write_line();
    EXPECT_EQ(client.wait(), 0);
    EXPECT_THAT(client.errors(), HasSubstr("==> heaps/system <=="));
    client.expect_nothing_left();
}

TEST(RunDeath, OfTheSupervisorLeavesTheProgramWithoutADevice) {
    SupervisedProgram client(
        {.program = "supervised", .arguments = {"/dev/ion", "hold"}, .launcher = nobody()});
    EXPECT_EQ(client.process().read_line(), "holds");
    client.process().signal(SIGKILL);
    EXPECT_EQ(client.wait(), -1);
    client.process().write_line();
    EXPECT_EQ(client.process().read_line(), "share ENOSYS");
}

}  // namespace
}  // namespace ion::test
