// SPDX-License-Identifier: Apache-2.0
//
// The file `refusals`: the last allocations that failed.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace ion::usage {

/// A heap that was asked. Sizes are in bytes.
struct RefusingHeap {
    std::string name;
    std::uint64_t allocated = 0;
    std::optional<std::uint64_t> total;  ///< of its region; the next two are those of a region as well
    std::uint64_t free = 0;
    std::uint64_t largest_free = 0;
};

struct Holder {
    std::int32_t pid = 0;
    std::string comm;
    std::uint64_t bytes = 0;  ///< of the heaps asked
};

struct Refusal {
    std::uint64_t number = 0;
    std::string time;  ///< UTC, ISO 8601
    std::int32_t pid = 0;
    std::string comm;  ///< one word
    std::uint64_t bytes = 0;
    std::uint64_t align = 0;
    std::uint32_t heap_mask = 0;
    std::uint32_t flags = 0;
    std::string error;   ///< name of the errno
    std::string reason;  ///< of the last heap that was asked
    std::vector<RefusingHeap> heaps;
    std::vector<Holder> holders;  ///< most bytes first
};

struct Refusals {
    std::uint64_t total = 0;    ///< since the worker began
    std::vector<Refusal> last;  ///< the newest first
};

/// Indented lines that it does not know are left out. Errors: EPROTO.
[[nodiscard]] Result<Refusals> parse_refusals(std::string_view text);

}  // namespace ion::usage
