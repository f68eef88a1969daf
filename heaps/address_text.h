// SPDX-License-Identifier: Apache-2.0
//
// Addresses and ranges of addresses as people write them in an option: "4G", "0x2d400000+64K,0x2e000000+1M".

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"
#include "heaps/heap.h"

namespace ion {

/// Addresses between commas, each hexadecimal with 0x or a quantity (daemon/base/quantity.h). An empty text
/// names none. Errors: EINVAL, EOVERFLOW as parse_quantity().
[[nodiscard]] Result<std::vector<std::uint64_t>> parse_addresses(std::string_view text);

/// Ranges between commas, each an address, "+" and a size written like one. They are of whole pages, not empty
/// and do not wrap. Errors: as parse_addresses(), and EINVAL for a range that is none.
[[nodiscard]] Result<std::vector<PlacedRange>> parse_ranges(std::string_view text);

}  // namespace ion
