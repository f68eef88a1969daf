// SPDX-License-Identifier: Apache-2.0
//
// Presets: configurations of well-known devices, by name. Each is a text as users write it.

#pragma once

#include <span>
#include <string_view>

namespace ion {

/// Names that `preset = "..."` may have; the first is the default.
[[nodiscard]] std::span<const std::string_view> preset_names();

/// The text of one of preset_names().
[[nodiscard]] std::string_view preset_text(std::string_view name);

}  // namespace ion
