// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/watchdog.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

namespace ion {

std::optional<std::chrono::microseconds> watchdog_limit() {
    const char* const limit = std::getenv("WATCHDOG_USEC");
    const char* const pid = std::getenv("WATCHDOG_PID");
    if (limit == nullptr || (pid != nullptr && pid != std::to_string(::getpid()))) {
        return {};
    }
    const std::chrono::microseconds parsed(std::atoll(limit));
    return parsed.count() > 0 ? std::optional(parsed) : std::nullopt;
}

Watchdog::Verdict Watchdog::look(std::uint64_t turns, bool serves, Clock::time_point now) {
    if (turns != turns_) {
        turns_ = turns;
        progress_ = now;
        return Verdict::kAlive;
    }
    if (!serves) {
        progress_ = now;
        return Verdict::kNothing;
    }
    return now - progress_ > limit_ / 2 ? Verdict::kHung : Verdict::kNothing;
}

}  // namespace ion
