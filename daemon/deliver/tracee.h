// SPDX-License-Identifier: Apache-2.0
//
// Tracee: a client's thread under ptrace, from seizure to detachment.

#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>

#include "daemon/base/result.h"
#include "daemon/deliver/syscall_entry.h"

namespace ion {

/// A seized thread. Every member fails with ESRCH once it has been killed; the kernel lets nobody else reap
/// it until its tracer has: see reap_tracees(). Not detached by the destructor: only a stopped thread can be.
/// What is still attached when this process ends is detached by the kernel (after guard(): killed).
///
/// SIGCHLD must be blocked and not ignored: it announces the stops.
class Tracee {
  public:
    /// Why the thread stopped. `signal` is to be handed back on the way out when `is_signal`.
    struct Stop {
        int signal = 0;
        bool is_signal = false;
    };

    /// Attaches without stopping. EBUSY: somebody else traces it. EACCES: it is under seccomp, which we may
    /// not suspend, so that a call run in it could kill it. EPERM: not permitted. ESRCH: no such thread. ETIMEDOUT: its
    /// process has been executing another program for a while.
    static Result<Tracee> seize(pid_t tid);

    [[nodiscard]] pid_t tid() const { return tid_; }

    /// False when seccomp filters apply to what the thread is made to do.
    [[nodiscard]] bool suspends_seccomp() const { return suspends_seccomp_; }

    /// Makes the thread stop at its next way out of the kernel, before it executes anything in user mode.
    Result<void> interrupt();

    /// Waits for a stop. ETIMEDOUT after `timeout_ms`; no limit without.
    Result<Stop> wait(std::optional<int> timeout_ms);

    Result<Registers> registers();
    Result<void> set_registers(const Registers& registers);

    /// The instruction with which the stopped thread entered the kernel.
    Result<std::array<std::uint8_t, kEntrySize>> entry_code(const Registers& registers);

    /// From here on the end of this process kills the client, instead of letting it run on with our
    /// registers.
    Result<void> guard();

    /// Blocks every signal that can be blocked; returns the mask to restore.
    Result<std::uint64_t> block_signals();
    Result<void> set_signal_mask(std::uint64_t mask);

    /// Lets the stopped thread execute one system call (the next thing that its registers do) and stop after
    /// it.
    Result<void> run_call();

    /// Lets the stopped thread go. `signal`, if not 0, is delivered to it.
    Result<void> detach(int signal = 0);

  private:
    Tracee(pid_t tid, bool suspends_seccomp) : tid_(tid), suspends_seccomp_(suspends_seccomp) {}
    [[nodiscard]] unsigned long options() const;
    Result<void> run_to_call_boundary();

    pid_t tid_;
    bool suspends_seccomp_;
};

/// Reaps tracees that were killed, all but `kept`. A leader becomes reapable only when its last thread has gone,
/// so this cannot be waited for within a job: its other threads may be waiting for this very process.
void reap_tracees(pid_t kept = 0);

}  // namespace ion
