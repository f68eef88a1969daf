// SPDX-License-Identifier: Apache-2.0
//
// Names of error codes for texts.

#pragma once

#include <cstring>
#include <string>

namespace ion {

/// "ENOMEM" and the like; the number where it has no name.
[[nodiscard]] inline std::string errno_name(int error) {
    const char* name = ::strerrorname_np(error);  // a table, no system call
    return name != nullptr ? name : std::to_string(error);
}

}  // namespace ion
