// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/tracee.h"

#include <setjmp.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>

#include "daemon/deliver/thread_status.h"

namespace ion {
namespace {

using Clock = std::chrono::steady_clock;

/// The kernel's sigset_t; glibc's is longer.
using KernelMask = std::uint64_t;

constexpr int kCallStop = SIGTRAP | 0x80;  // PTRACE_O_TRACESYSGOOD

template <typename Request>
Result<void> trace(Request request, pid_t tid, unsigned long address, void* data, const char* what) {
    if (::ptrace(request, tid, address, data) != 0) {
        return fail_errno(errno, what);
    }
    return {};
}

void* as_data(unsigned long value) {
    return reinterpret_cast<void*>(value);  // NOLINT(performance-no-int-to-ptr): ptrace's variadic data
}

/// Consumes one SIGCHLD; false when `deadline` passes first.
bool wait_for_child_signal(std::optional<Clock::time_point> deadline) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    while (true) {
        timespec left{};
        if (deadline) {
            const auto ns = std::chrono::nanoseconds(*deadline - Clock::now()).count();
            left = {.tv_sec = ns > 0 ? ns / 1'000'000'000 : 0, .tv_nsec = ns > 0 ? ns % 1'000'000'000 : 0};
        }
        if (::sigtimedwait(&child, nullptr, deadline ? &left : nullptr) == SIGCHLD) {
            return true;
        }
        if (errno == EAGAIN) {
            return false;
        }
    }
}

/// PTRACE_SEIZE waits for an execve of the process to end, which waits for all other threads, one of which waits for the
/// answer that we are to bring. The kernel restarts it after a signal, so its handler leaves it.
constexpr int kSeizeTries = 20;
constexpr itimerval kSeizePatience{{0, 50'000},
                                   {0, 50'000}};  // again, should it come before the call has begun
sigjmp_buf out_of_seize;                          // an injector has one thread

int seize_within_patience(pid_t tid, unsigned long options) {
    struct sigaction leave {};
    leave.sa_handler = [](int /*signal*/) { ::siglongjmp(out_of_seize, 1); };
    const itimerval never{};
    int result = -1;
    if (sigsetjmp(out_of_seize, 1) == 0) {
        ::sigaction(SIGALRM, &leave, nullptr);
        ::setitimer(ITIMER_REAL, &kSeizePatience, nullptr);
        result = ::ptrace(PTRACE_SEIZE, tid, 0UL, as_data(options)) == 0 ? 0 : errno;
        ::setitimer(ITIMER_REAL, &never, nullptr);
        return result;
    }
    ::setitimer(ITIMER_REAL, &never, nullptr);
    const auto status = thread_status(tid);
    if (status && status->tracer == ::getpid()) {
        return 0;  // just before
    }
    return !status || status->dead ? ESRCH : ETIMEDOUT;
}

/// 0, or an errno.
int seize_with(pid_t tid, unsigned long options) {
    int error = ETIMEDOUT;
    for (int i = 0; i < kSeizeTries && error == ETIMEDOUT; ++i) {
        error = seize_within_patience(tid, options);
    }
    return error;
}

}  // namespace

Result<Tracee> Tracee::seize(pid_t tid) {
    Tracee suspended(tid, true);
    const int refused = seize_with(tid, suspended.options());
    if (refused == 0) {
        return suspended;
    }
    if (refused == ETIMEDOUT) {
        return fail(ETIMEDOUT, "its process is executing another program");
    }
    // Refused for the thread or for the option, the same EPERM says both. The latter needs CAP_SYS_ADMIN and
    // CONFIG_CHECKPOINT_RESTORE.
    const auto status = thread_status(tid);
    if (!status) {
        return status.error();
    }
    if (status->dead) {
        return fail(ESRCH, "has ended");
    }
    if (status->tracer != 0) {
        return fail(EBUSY, "already traced by " + std::to_string(status->tracer));
    }
    if (status->restricted) {
        return fail(EACCES, "under seccomp, which cannot be suspended");
    }
    Tracee plain(tid, false);
    switch (seize_with(tid, plain.options())) {
        case 0:
            return plain;
        case ESRCH:
            return fail(ESRCH, "PTRACE_SEIZE");
        default:
            return fail(EPERM, "PTRACE_SEIZE");  // security modules say EACCES
    }
}

unsigned long Tracee::options() const {
    return PTRACE_O_TRACESYSGOOD |
           (suspends_seccomp_ ? static_cast<unsigned long>(PTRACE_O_SUSPEND_SECCOMP) : 0UL);
}

Result<void> Tracee::interrupt() {
    return trace(PTRACE_INTERRUPT, tid_, 0, nullptr, "PTRACE_INTERRUPT");
}

Result<Tracee::Stop> Tracee::wait(std::optional<int> timeout_ms) {
    std::optional<Clock::time_point> deadline;
    if (timeout_ms) {
        deadline = Clock::now() + std::chrono::milliseconds(*timeout_ms);
    }
    while (wait_for_child_signal(deadline)) {
        int status = 0;
        const pid_t stopped = ::waitpid(tid_, &status, __WALL | WNOHANG);
        if (stopped == tid_ && WIFSTOPPED(status)) {
            return Stop{.signal = WSTOPSIG(status),
                        .is_signal = status >> 16 == 0 && WSTOPSIG(status) != kCallStop};
        }
        if (stopped != 0) {
            return fail(ESRCH, "killed");
        }
        const auto state = thread_status(tid_);  // a dead leader with living threads is not reported yet
        if (!state || state->dead) {
            return fail(ESRCH, "killed");
        }
        reap_tracees(tid_);  // the signal may have been an earlier client's end
    }
    return fail(ETIMEDOUT, "the thread does not stop");
}

Result<Registers> Tracee::registers() {
    Registers registers{};
    const auto done = trace(PTRACE_GETREGS, tid_, 0, &registers, "PTRACE_GETREGS");
    if (!done) {
        return done.error();
    }
    return registers;
}

Result<void> Tracee::set_registers(const Registers& registers) {
    return trace(PTRACE_SETREGS, tid_, 0, const_cast<Registers*>(&registers), "PTRACE_SETREGS");
}

Result<std::array<std::uint8_t, kEntrySize>> Tracee::entry_code(const Registers& registers) {
    errno = 0;
    const long word = ::ptrace(PTRACE_PEEKTEXT, tid_, registers.rip - kEntrySize, nullptr);
    if (errno != 0) {
        return fail_errno(errno, "PTRACE_PEEKTEXT");
    }
    std::array<std::uint8_t, kEntrySize> code{};
    std::memcpy(code.data(), &word, code.size());
    return code;
}

Result<void> Tracee::guard() {
    return trace(PTRACE_SETOPTIONS, tid_, 0, as_data(options() | PTRACE_O_EXITKILL), "PTRACE_SETOPTIONS");
}

Result<std::uint64_t> Tracee::block_signals() {
    KernelMask mask = 0;
    const auto got = trace(PTRACE_GETSIGMASK, tid_, sizeof mask, &mask, "PTRACE_GETSIGMASK");
    if (!got) {
        return got.error();
    }
    const auto set = set_signal_mask(~KernelMask{0});
    if (!set) {
        return set.error();
    }
    return mask;
}

Result<void> Tracee::set_signal_mask(std::uint64_t mask) {
    return trace(PTRACE_SETSIGMASK, tid_, sizeof mask, &mask, "PTRACE_SETSIGMASK");
}

Result<void> Tracee::run_call() {
    // Stops at both ends of a call, not single steps: a step ends in a SIGTRAP, which the kernel forces on
    // the client by resetting its SIGTRAP handler if that signal is blocked or ignored.
    const auto entered = run_to_call_boundary();
    return entered ? run_to_call_boundary() : entered;
}

Result<void> Tracee::run_to_call_boundary() {
    unsigned long signal = 0;
    while (true) {
        const auto resumed = trace(PTRACE_SYSCALL, tid_, 0, as_data(signal), "PTRACE_SYSCALL");
        if (!resumed) {
            return resumed.error();
        }
        const auto stop = wait(std::nullopt);
        if (!stop) {
            return stop.error();
        }
        if (stop->signal == kCallStop) {
            return {};
        }
        // All signals but SIGSTOP are blocked. It takes effect as it comes, so that a SIGCONT after it
        // counts: the rest of the process stops, this thread finishes its calls, and the kernel stops it when
        // it is detached.
        signal = stop->is_signal ? static_cast<unsigned long>(stop->signal) : 0;
    }
}

Result<void> Tracee::detach(int signal) {
    return trace(PTRACE_DETACH, tid_, 0, as_data(static_cast<unsigned long>(signal)), "PTRACE_DETACH");
}

void reap_tracees(pid_t kept) {
    constexpr int kLook = WEXITED | WNOWAIT | WNOHANG | __WALL;
    siginfo_t dead{};
    while (::waitid(P_ALL, 0, &dead, kLook) == 0 && dead.si_pid != 0 && dead.si_pid != kept) {
        ::waitpid(dead.si_pid, nullptr, __WALL | WNOHANG);
        dead.si_pid = 0;
    }
}

}  // namespace ion
