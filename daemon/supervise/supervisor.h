// SPDX-License-Identifier: Apache-2.0
//
// Runs one program tree with a /dev/ion of its own; docs/run.md.

#pragma once

#include <string>
#include <vector>

#include "daemon/config/config.h"

namespace ion {

struct SuperviseOptions {
    Config config;
    std::string device_name = "ion";   ///< in /dev
    bool usage = false;                ///< print the usage texts on stderr at the end
    std::vector<std::string> program;  ///< its name and arguments; never empty
};

/// Waits until the program and all that it started have ended, then ends the process with the program's status, or
/// with one of program.h. The process must have no other threads.
[[noreturn]] void supervise(const SuperviseOptions& options);

}  // namespace ion
