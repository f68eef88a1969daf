// SPDX-License-Identifier: Apache-2.0
//
// Words and figures as a terminal shows them.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ion::views {

/// How sizes are written: rounded with a unit, or in bytes.
enum class Sizes { kRounded, kExact };

/// "0", "4.0K", "48.3M", "1.5G", "2.0T", rounded down, so that what is free is never overstated; or plain bytes.
[[nodiscard]] std::string size_text(std::uint64_t bytes, Sizes sizes = Sizes::kRounded);

/// Every byte that is no printable ASCII becomes '?': a process chooses its name, and could else move the cursor.
[[nodiscard]] std::string printable(std::string_view text);

/// "1 buffer", "2 buffers", "2 processes".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

/// How far a region's free memory is from one run: 0 when it is one or none, near 1 when it is dust.
[[nodiscard]] double fragmentation(std::uint64_t free_bytes, std::uint64_t largest_free);

}  // namespace ion::views
