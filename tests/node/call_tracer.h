// SPDX-License-Identifier: Apache-2.0
//
// CallTracer: the system calls of several running processes, in one order. A traced thread goes on only after its
// call has been noted, so whatever one process causes another to do comes later in the list.

#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace ion::test {

/// A system call, noted when it is entered.
struct TracedCall {
    pid_t thread = 0;
    std::uint64_t number = 0;
    std::array<std::uint64_t, 6> arguments{};
    std::optional<std::int64_t> result;  ///< nothing while it has not returned
};

/// Its first argument is the device's connection to the kernel.
[[nodiscard]] bool is_on_device(pid_t process, const TracedCall& call);

/// For the thread that made it. What is traced is let go, and runs on, with this object.
class CallTracer {
  public:
    CallTracer() = default;
    ~CallTracer();
    CallTracer(const CallTracer&) = delete;
    CallTracer& operator=(const CallTracer&) = delete;

    /// Traces all threads of `process` from here on; no others may be started.
    void attach(pid_t process);

    /// Lets them run until one enters a call for which `last` holds; false when that does not happen in time.
    [[nodiscard]] bool run_until(const std::function<bool(const TracedCall&)>& last);

    [[nodiscard]] const std::vector<TracedCall>& calls() const { return calls_; }

  private:
    /// The next stop of any traced thread; 0 when none comes.
    pid_t wait_for_stop(int& status) const;
    bool note(pid_t thread);

    std::vector<TracedCall> calls_;
    std::map<pid_t, std::optional<std::size_t>> threads_;  // the call each one is in
};

}  // namespace ion::test
