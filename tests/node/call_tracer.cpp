// SPDX-License-Identifier: Apache-2.0

#include "tests/node/call_tracer.h"

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>

#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kCallStop = SIGTRAP | 0x80;  // PTRACE_O_TRACESYSGOOD
constexpr timespec kPause{1, 0};           // a stop announces itself, this is for one that does not

sigset_t child_signal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    return signals;
}

}  // namespace

bool is_on_device(pid_t process, const TracedCall& call) {
    const auto link =
        std::filesystem::path("/proc") / std::to_string(process) / "fd" / std::to_string(call.arguments[0]);
    std::error_code closed;
    const auto target = std::filesystem::read_symlink(link, closed);
    return target == "/dev/fuse" || target == "/dev/cuse";
}

CallTracer::~CallTracer() {
    for (const auto& [thread, call] : threads_) {
        ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
        int status = 0;
        // A thread stops, or ends, without anybody's help.
        if (::waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status)) {
            ::ptrace(PTRACE_DETACH, thread, nullptr, nullptr);
        }
    }
}

void CallTracer::attach(pid_t process) {
    const sigset_t signals = child_signal();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    for (const auto& name : names_in("/proc/" + std::to_string(process) + "/task")) {
        const pid_t thread = std::stoi(name);
        ASSERT_EQ(::ptrace(PTRACE_SEIZE, thread, nullptr, PTRACE_O_TRACESYSGOOD), 0);
        threads_[thread];
        ASSERT_EQ(::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr), 0);
    }
}

bool CallTracer::run_until(const std::function<bool(const TracedCall&)>& last) {
    int status = 0;
    while (const pid_t thread = wait_for_stop(status)) {
        if (!WIFSTOPPED(status)) {
            threads_.erase(thread);
            return false;
        }
        const bool entered = WSTOPSIG(status) == kCallStop && note(thread);
        const bool is_event = status >> 16 != 0 || WSTOPSIG(status) == kCallStop;
        const std::uintptr_t signal = is_event ? 0 : static_cast<std::uintptr_t>(WSTOPSIG(status));
        ::ptrace(PTRACE_SYSCALL, thread, nullptr, signal);
        if (entered && last(calls_.back())) {
            return true;
        }
    }
    return false;
}

pid_t CallTracer::wait_for_stop(int& status) const {
    const sigset_t signals = child_signal();
    for (const auto deadline = Clock::now() + kPatience; Clock::now() < deadline;) {
        for (const auto& [thread, call] : threads_) {
            if (::waitpid(thread, &status, __WALL | WNOHANG) == thread) {
                return thread;
            }
        }
        ::sigtimedwait(&signals, nullptr, &kPause);
    }
    return 0;
}

/// True when the thread has entered a call.
bool CallTracer::note(pid_t thread) {
    __ptrace_syscall_info info{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info);
    std::optional<std::size_t>& current = threads_.at(thread);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        TracedCall call{thread, info.entry.nr, {}, std::nullopt};
        std::ranges::copy(info.entry.args, call.arguments.begin());
        current = calls_.size();
        calls_.push_back(call);
        return true;
    }
    if (info.op == PTRACE_SYSCALL_INFO_EXIT && current) {
        calls_[*current].result = info.exit.rval;
        current.reset();
    }
    return false;
}

}  // namespace ion::test
