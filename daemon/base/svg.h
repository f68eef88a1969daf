// SPDX-License-Identifier: Apache-2.0
//
// What every SVG picture of this project shares: text that is safe in it, and colours.

#pragma once

#include <array>
#include <string>
#include <string_view>

namespace ion {

/// Text between tags or in an attribute: markup escaped, whatever is no printable ASCII replaced by '?'.
[[nodiscard]] std::string svg_text(std::string_view text);

/// Colours that those who see red and green alike can tell apart (Okabe and Ito, 2008).
inline constexpr std::array kSvgColours{"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                        "#56b4e9", "#d55e00", "#f0e442"};

}  // namespace ion
