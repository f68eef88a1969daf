// SPDX-License-Identifier: Apache-2.0
//
// The file `faults`: rules by which calls fail or wait, and what each has seen.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace ion::usage {

struct Fault {
    std::string name;
    std::string command;
    std::string heap;    ///< empty: the whole call
    std::string client;  ///< pattern; empty: everybody
    std::uint64_t every = 1;
    double probability = 1;
    std::uint64_t seed = 0;
    std::optional<std::uint64_t> count;  ///< most hits
    std::string error;                   ///< name of the errno; empty: none
    std::uint64_t delay_ms = 0;
    std::uint64_t calls = 0;
    std::uint64_t hits = 0;
};

/// In the order in which they are asked. Errors: EPROTO.
[[nodiscard]] Result<std::vector<Fault>> parse_faults(std::string_view text);

}  // namespace ion::usage
