// SPDX-License-Identifier: Apache-2.0
//
// Injector: a single-threaded process that does one job at a time to a client (job.h). All ptrace and every
// access to a client's memory happen here, so that a client which never answers costs an injector, not the
// loop.

#pragma once

#include <span>

namespace ion {

/// What an injector process works with; all borrowed and open for its whole life.
struct InjectorSetup {
    int job_socket = -1;                 ///< SOCK_SEQPACKET; jobs come in, results go out; EOF ends it
    std::span<const int> reply_targets;  ///< Job::reply_target picks one (device transports)
    int stop_timeout_ms = 2000;          ///< a client that does not stop within this is given up
    bool by_name = false;  ///< reach every client by a socket name, as if pidfd_getfd failed (tests)
};

/// Serves jobs until the socket ends, SIGTERM comes (a job in progress is finished first) or a client does
/// not stop (its call keeps the pending result). Returns the exit status: 0, or 1 when the job socket is
/// unusable. Runs in a process of its own, with SIGCHLD at its default disposition, which must end when this
/// returns: that is what detaches a client which did not stop. Changes the signal mask and dispositions of
/// the process.
int run_injector(const InjectorSetup& setup);

}  // namespace ion
