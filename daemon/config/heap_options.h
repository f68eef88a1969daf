// SPDX-License-Identifier: Apache-2.0
//
// Reads [heap.options]: what a heap type declares, by name, kind and range.

#pragma once

#include <string_view>

#include "daemon/config/value.h"

namespace ion {

/// Every option of `type`; those that `table` lacks have their initial value. `table` is null when there is none.
///
/// Errors: EINVAL for the first mistake, as parse_config() has it.
[[nodiscard]] Result<Options> read_heap_options(const toml::table* table, std::string_view file,
                                                const HeapType& type);

}  // namespace ion
