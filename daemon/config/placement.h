// SPDX-License-Identifier: Apache-2.0
//
// Which of the free places of a memory a region gets.

#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "daemon/config/config.h"

namespace ion {

/// All in bytes; `align` is a power of two and applies to the base.
struct PlacementWish {
    PlacedRange window;
    std::uint64_t size = 0;
    std::uint64_t align = 4096;
    Position position = Position::kNone;
};

/// The lowest base that fits a gap, the highest for kHigh, for kMiddle the one whose region is nearest to the middle
/// of the window. `gaps`: free parts of the window, ascending. Nothing when no gap is long enough.
[[nodiscard]] std::optional<std::uint64_t> best_base(std::span<const PlacedRange> gaps,
                                                     const PlacementWish& wish);

}  // namespace ion
