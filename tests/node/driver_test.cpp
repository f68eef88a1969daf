// SPDX-License-Identifier: Apache-2.0
//
// Drivers in a running daemon: the blitter, asked by a program through CUSTOM, and drivers that misbehave.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <thread>

#include "tests/node/call_tracer.h"
#include "tests/node/live_daemon.h"
#include "tests/plugins/unruly_driver.h"

namespace ion::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kAnswers[] = {"copy ok pieces 1 same 1 before 0 after 0",
                                    "one_buffer ok same 1",
                                    "beyond EINVAL",
                                    "no_handle EINVAL",
                                    "no_memory EFAULT",
                                    "no_driver ENOTTY"};

std::string drivers(const std::string& names) {
    std::string list;
    for (std::size_t from = 0; from < names.size();) {
        const std::size_t end = std::min(names.find(' ', from), names.size());
        list += "\"" + plugin_file(names.substr(from, end - from)) + "\", ";
        from = end + 1;
    }
    return "drivers = [" + list + "]\n";
}

void expect_answers(const std::string& program, const Daemon& daemon) {
    Program client(client_path(program), {daemon.device()});
    for (const char* answer : kAnswers) {
        EXPECT_EQ(client.read_line().value_or("no answer"), answer);
    }
    EXPECT_THAT(names_in(daemon.usage() + "/clients"), Contains("blitter-0"));
    client.close_input();
    EXPECT_EQ(client.wait(), 0);
}

/// Makes CUSTOM calls as it is told.
class Caller {
  public:
    explicit Caller(const Daemon& daemon) : program_(client_path("custom"), {daemon.device()}) {}

    /// "ok", an errno, or "no answer".
    std::string call(std::uint32_t number) {
        program_.write_line(std::to_string(number));
        return program_.read_line().value_or("no answer");
    }
    void end() {
        program_.close_input();
        EXPECT_EQ(program_.wait(), 0);
    }

  private:
    Program program_;
};

TEST(Driver, CopiesBetweenBuffersOfAProgram) {
    Daemon daemon({.config = drivers("blitter")});
    expect_answers("blit", daemon);
    expect_answers("blit_32", daemon);
    daemon.kill_worker();
    EXPECT_THAT(names_in(daemon.usage() + "/clients"), ElementsAre("blitter-0"));
    expect_answers("blit", daemon);
    daemon.stop();
}

TEST(Driver, HoldsBuffersUntilItsWorkerEnds) {
    Daemon daemon({.config = drivers("unruly_driver")});
    Caller caller(daemon);
    EXPECT_EQ(caller.call(UNRULY_ALLOC), "ok");
    EXPECT_THAT(heap_text(daemon, "carveout"),
                HasSubstr("          unruly                0             4096\n"));
    EXPECT_THAT(ionctl(daemon, "heap remove carveout").text, HasSubstr("held by unruly (a driver)"));
    daemon.kill_worker();
    EXPECT_EQ(figure(heap_text(daemon, "carveout"), "total "), 0);
    EXPECT_EQ(caller.call(UNRULY_ALLOC), "ok");
    caller.end();
    daemon.stop();
}

TEST(Driver, ThatThrowsIsNamedAndTheOthersServe) {
    Daemon daemon({.config = drivers("unruly_driver blitter")});
    Caller caller(daemon);
    EXPECT_EQ(caller.call(UNRULY_THROW), std::to_string(EIO));
    EXPECT_THAT(daemon.log(), HasSubstr("custom of driver unruly 1 threw: unruly as told"));
    while (caller.call(UNRULY_THROW) == std::to_string(EIO)) {
    }
    EXPECT_EQ(caller.call(UNRULY_ALLOC), std::to_string(ENODEV));
    EXPECT_THAT(daemon.log(), HasSubstr("driver unruly 1 is asked nothing more"));
    expect_answers("blit", daemon);
    caller.end();
    daemon.stop();
}

TEST(Driver, ThatCrashesIsNamedAndTheOthersServe) {
    Daemon daemon({.config = drivers("unruly_driver blitter")});
    Caller caller(daemon);
    EXPECT_EQ(caller.call(UNRULY_ALLOC), "ok");
    EXPECT_EQ(caller.call(UNRULY_CRASH), std::to_string(EIO));
    EXPECT_THAT(daemon.log(), HasSubstr("the worker was in custom of driver unruly 1"));
    EXPECT_EQ(figure(heap_text(daemon, "carveout"), "total "), 0);
    EXPECT_EQ(caller.call(UNRULY_ALLOC), "ok");
    expect_answers("blit", daemon);
    caller.end();
    daemon.stop();
}

TEST(Driver, ThatDoesNotStartLeavesNothing) {
    Daemon daemon({.config = drivers("driver_fail driver_throw blitter")});
    EXPECT_THAT(daemon.log(), HasSubstr("driver_fail.so does not start: no hardware"));
    EXPECT_THAT(daemon.log(), HasSubstr("start of driver unruly 1 threw: no start"));
    EXPECT_THAT(names_in(daemon.usage() + "/clients"), ElementsAre("blitter-0"));
    expect_answers("blit", daemon);
    daemon.stop();
}

TEST(Driver, ThatEndsEachWorkerAtItsStartIsLeftOut) {
    Daemon daemon({.config = drivers("driver_crash blitter")});
    EXPECT_THAT(daemon.log(), HasSubstr("the worker was in start of driver unruly 1"));
    EXPECT_THAT(daemon.log(), HasSubstr("driver_crash.so is left out"));
    expect_answers("blit", daemon);
    daemon.stop();
}

constexpr const char* kProtected = "heap protected: Yes\n";
constexpr const char* kUnprotected = "heap protected: No\n";

DaemonTraits with_protected_heap() {
    return {.config = drivers("unruly_driver") + heap_table("cp", "mm", 8, "size = \"4M\"\n")};
}

TEST(Driver, KeepsContentProtectedWhenItsWorkerIsKilled) {
    Daemon daemon(with_protected_heap());
    Caller caller(daemon);
    EXPECT_THAT(heap_text(daemon, "mm"), HasSubstr(kUnprotected));
    EXPECT_EQ(caller.call(UNRULY_SECURE), "ok");
    EXPECT_EQ(caller.call(UNRULY_SECURE), "ok");
    daemon.kill_worker();
    EXPECT_THAT(heap_text(daemon, "mm"), HasSubstr(kProtected));
    EXPECT_EQ(caller.call(UNRULY_UNSECURE), "ok");
    EXPECT_THAT(heap_text(daemon, "mm"), HasSubstr(kProtected));
    EXPECT_EQ(caller.call(UNRULY_UNSECURE), "ok");
    EXPECT_THAT(heap_text(daemon, "mm"), HasSubstr(kUnprotected));
    caller.end();
    daemon.stop();
}

/// Kills the worker between the call by which it answers a request and whatever it does next.
void kill_worker_having_answered(const Daemon& daemon, const std::function<void()>& ask) {
    CallTracer tracer;
    const pid_t worker = daemon.worker();
    tracer.attach(worker);
    std::thread client(ask);
    EXPECT_TRUE(tracer.run_until(
        [&](const TracedCall& call) { return call.number == SYS_write && is_on_device(worker, call); }));
    client.join();
    EXPECT_EQ(::kill(worker, SIGKILL), 0);
}

TEST(Driver, IsNotAskedAgainWhatWasAnswered) {
    Daemon daemon(with_protected_heap());
    Caller caller(daemon);
    EXPECT_EQ(caller.call(UNRULY_UNSECURE), "ok");  // it has opened the device
    kill_worker_having_answered(daemon, [&] { EXPECT_EQ(caller.call(UNRULY_SECURE), "ok"); });
    EXPECT_EQ(caller.call(UNRULY_UNSECURE), "ok");
    EXPECT_THAT(heap_text(daemon, "mm"), HasSubstr(kUnprotected));
    caller.end();
    daemon.stop();
}

TEST(Driver, StaysWhatItIsWhenItsFileIsGone) {
    const ScratchFile file("");
    file.replace_by(plugin_file("blitter"));
    Daemon daemon({.config = "drivers = [\"" + file.path() + "\"]\n"});
    file.write("no driver");
    daemon.kill_worker();
    expect_answers("blit", daemon);
    daemon.stop();
}

TEST(Driver, ThatCannotBeLoadedIsRefusedAtTheStart) {
    const ScratchFile bad(drivers("unruly"));
    Program check("/bin/sh", {"-c", "exec 2>&1; exec " ION_BINARY_DIR "/bin/iond --check-config --config " +
                                        bad.path()});
    EXPECT_THAT(check.read_lines(), ElementsAre(HasSubstr("unruly.so: has no function iond_driver")));
    EXPECT_EQ(WEXITSTATUS(check.wait()), 1);
}

TEST(Driver, CannotChangeWhileItRuns) {
    const ScratchFile file(drivers("blitter"));
    Daemon daemon({.arguments = {"--config", file.path()}});
    file.write("");
    EXPECT_THAT(ionctl(daemon, "heap reload").text, HasSubstr("drivers: they cannot change while they run"));
    expect_answers("blit", daemon);
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
