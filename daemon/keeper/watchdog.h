// SPDX-License-Identifier: Apache-2.0
//
// Watchdog: tells from the turns of the worker's loop whether it lives. Pure: the caller brings the time.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace ion {

/// How long a service manager waits for a sign of life: $WATCHDOG_USEC, when it means this process.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_limit();

class Watchdog {
  public:
    using Clock = std::chrono::steady_clock;
    enum class Verdict : std::uint8_t {
        kNothing,
        kAlive,  ///< the loop has gone round since the last look
        kHung,   ///< it has not for half of the limit
    };

    Watchdog(std::chrono::microseconds limit, Clock::time_point now) : limit_(limit), progress_(now) {}

    /// Time between two looks.
    [[nodiscard]] std::chrono::microseconds interval() const { return limit_ / 8; }

    /// `turns`: of the present worker's loop, or what a former one left. A worker that does not serve yet is never hung:
    /// there is no progress, so the service manager's own limit counts.
    [[nodiscard]] Verdict look(std::uint64_t turns, bool serves, Clock::time_point now);

  private:
    std::chrono::microseconds limit_;
    Clock::time_point progress_;
    std::uint64_t turns_ = 0;
};

}  // namespace ion
