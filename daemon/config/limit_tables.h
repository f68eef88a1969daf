// SPDX-License-Identifier: Apache-2.0
//
// Reads [limits], [heap.limits] and the keys that say who may use a heap.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/config/value.h"
#include "daemon/core/limits.h"

namespace ion {

/// Reads a table of scopes; `per_heap` adds "total" to those that it may have. Settings of an earlier text that this
/// one does not have stay as they are.
[[nodiscard]] Result<void> read_limits(const Value& value, bool per_heap, LimitSettings& limits);

/// A list of user or group ids.
[[nodiscard]] Result<Setting<std::vector<std::uint32_t>>> read_ids(const Value& value);

/// The write bits of a file's mode, as a string of octal digits: "0220".
[[nodiscard]] Result<Setting<std::uint32_t>> read_mode(const Value& value);

/// The tables that it may have.
[[nodiscard]] std::vector<std::string_view> limit_scopes(bool per_heap);

/// Where the settings say nothing, the amount of `otherwise`.
[[nodiscard]] Limits limits_of(const LimitSettings& settings, const Limits& otherwise);

}  // namespace ion
