// SPDX-License-Identifier: Apache-2.0
//
// A picture of the address space over time, as SVG: time to the right, addresses upwards, a rectangle for each buffer.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "heaps/trace/replay.h"

namespace ion {

/// One heap's part of the picture; panels lie below each other on one time axis.
struct AddressPanel {
    std::string title;
    PlacedRange region;
    const Replayed* replayed = nullptr;
};

/// A whole SVG document. Refused allocations are red marks above their panel; colours tell clients apart.
[[nodiscard]] std::string address_map_svg(std::span<const AddressPanel> panels);

}  // namespace ion
