// SPDX-License-Identifier: Apache-2.0
//
// Quantities of bytes as people write them: "4096", "64K", "35M", "1G".

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/base/result.h"

namespace ion {

/// Bytes of a decimal number with an optional K, M or G (powers of 1024).
///
/// Errors: EINVAL for any other text, EOVERFLOW for one that needs more than 64 bits.
[[nodiscard]] Result<std::uint64_t> parse_quantity(std::string_view text);

/// The shortest text that parse_quantity() reads as `bytes`.
[[nodiscard]] std::string quantity_text(std::uint64_t bytes);

}  // namespace ion
