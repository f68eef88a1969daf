// SPDX-License-Identifier: Apache-2.0
//
// The file `map/<heap>`: what lies where in a heap's region.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace ion::usage {

/// One run of addresses, [base, base + size), in bytes.
struct MapRun {
    std::string
        holder;  ///< the pid of the first client that has it, "(null)" for none; empty: the run is free
    std::uint64_t base = 0;
    std::uint64_t size = 0;

    [[nodiscard]] bool is_free() const { return holder.empty(); }
};

/// In ascending order, without overlaps. Errors: EPROTO.
[[nodiscard]] Result<std::vector<MapRun>> parse_memory_map(std::string_view text);

}  // namespace ion::usage
