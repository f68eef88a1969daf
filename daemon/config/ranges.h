// SPDX-License-Identifier: Apache-2.0
//
// Ranges of addresses whose ends do not wrap: do they meet, how are they written, what lies between them.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "heaps/heap.h"

namespace ion {

/// "0x2d300000".
[[nodiscard]] std::string hex(std::uint64_t value);

/// "[0x1000, 0x3000)".
[[nodiscard]] std::string text_of(const PlacedRange& range);

/// An empty range overlaps nothing.
[[nodiscard]] bool overlap(const PlacedRange& a, const PlacedRange& b);

/// What is left of `window` beside `taken`, ascending; none of them is empty.
[[nodiscard]] std::vector<PlacedRange> gaps_in(const PlacedRange& window, std::vector<PlacedRange> taken);

}  // namespace ion
