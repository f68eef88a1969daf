// SPDX-License-Identifier: Apache-2.0
//
// Program: the supervised program and everything it starts, as processes: start, signals, and their end.

#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "daemon/supervise/filter.h"

namespace ion {

/// Exit statuses of `ionctl run` that are not the program's; as of env(1) and its kin.
inline constexpr int kRunFailed = 125;   ///< the supervisor itself failed
inline constexpr int kCannotRun = 126;   ///< the program was found but cannot be executed
inline constexpr int kNotFound = 127;    ///< the program was not found
inline constexpr int kSignalBase = 128;  ///< plus the signal that ended the program

/// One per process, which must have no thread yet when it starts: the process becomes the reaper of orphans, and the
/// signals that it passes on are blocked in it from then on.
class Program {
  public:
    /// Runs `words` (never empty; the first is looked up in PATH) under the filter. What keeps it from being executed is
    /// said on stderr and shows in its exit status. Errors: those of fork and enter_filter().
    static Result<Program> start(const std::vector<std::string>& words,
                                 const std::vector<sock_filter>& filter);

    /// The notifications of its calls; once.
    [[nodiscard]] UniqueFd take_listener() { return std::move(listener_); }

    /// Readable when on_signals() has something to do.
    [[nodiscard]] int signal_fd() const { return signals_.get(); }

    /// Takes up what came in: reaps, and passes signals on to the program, unless the terminal has sent them to its
    /// whole foreground group anyway. Once the program itself has ended, what would end it ends the wait for those
    /// that it left behind.
    void on_signals();

    /// True when no descendant of this process is left, or a signal has ended the wait for them.
    [[nodiscard]] bool ended() const { return ended_; }

    /// Of the program itself, as a shell reports it; once ended().
    [[nodiscard]] int exit_status() const { return exit_status_; }

  private:
    Program(pid_t pid, UniqueFd signals, UniqueFd listener)
        : pid_(pid), signals_(std::move(signals)), listener_(std::move(listener)) {}
    void reap();
    void pass_on(int number, bool from_terminal);

    pid_t pid_;
    UniqueFd signals_;
    UniqueFd listener_;
    bool ended_ = false;
    bool reaped_ = false;  // the program itself: its number may be another's
    int exit_status_ = kRunFailed;
};

}  // namespace ion
