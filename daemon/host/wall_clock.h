// SPDX-License-Identifier: Apache-2.0
//
// The time of day.

#pragma once

#include <chrono>
#include <cstdint>

namespace ion {

/// Milliseconds since 1970-01-01T00:00:00Z.
[[nodiscard]] inline std::int64_t unix_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace ion
