// SPDX-License-Identifier: Apache-2.0
//
// Listener: the supervisor's end of a seccomp filter. Receives the trapped calls of the program's threads and
// answers each once.

#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include "daemon/base/unique_fd.h"
#include "daemon/supervise/filter.h"

namespace ion {

/// One thread of the program, waiting inside a system call. Nothing but its death ends the wait before the answer.
struct Notification {
    std::uint64_t id = 0;
    pid_t tid = 0;
    bool compat = false;
    TrappedCall call = TrappedCall::kOpen;
    std::array<std::uint64_t, 6> arguments{};
};

/// Any thread. Answers to a thread that has been killed go nowhere.
class Listener {
  public:
    explicit Listener(UniqueFd fd);

    /// Waits for the next call; nothing when no process is left under the filter.
    [[nodiscard]] std::optional<Notification> receive();

    /// True while the thread waits: what was read from its process before this was asked is really its own, not that
    /// of a later process with the same number.
    [[nodiscard]] bool waits(const Notification& call) const;

    /// The call's result: 0, or a positive errno.
    void answer(const Notification& call, int error) const;

    /// Has the kernel carry out the call as if nobody had looked. Memory may have changed since it was looked at,
    /// so this decides nothing that has to hold against the program.
    void let_through(const Notification& call) const;

    /// A copy of `fd` (borrowed) in the thread's table, under the lowest free number, and that number. Errors: EMFILE
    /// when its table is full; ENOENT when it has been killed.
    [[nodiscard]] Result<int> add_descriptor(const Notification& call, int fd, bool close_on_exec) const;

    /// The same, with the number as the result of the call: the thread goes on with it, in one step. After an error
    /// it still waits.
    [[nodiscard]] Result<void> answer_with_descriptor(const Notification& call, int fd,
                                                      bool close_on_exec) const;

  private:
    std::optional<Notification> try_receive() const;

    UniqueFd fd_;
    std::size_t message_size_;  // of this kernel's struct seccomp_notif, which may be larger than ours
    std::mutex receiving_;
};

}  // namespace ion
