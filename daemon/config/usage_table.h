// SPDX-License-Identifier: Apache-2.0
//
// The table [usage] of a TOML document.

#pragma once

#include <string_view>
#include <vector>

#include "daemon/config/value.h"

namespace ion {

/// Errors: EINVAL for the first mistake, as parse_config() has it.
[[nodiscard]] Result<void> read_usage_table(const Value& value, UsageTable& usage);

/// Every key of the table.
[[nodiscard]] std::vector<std::string_view> usage_keys();

}  // namespace ion
