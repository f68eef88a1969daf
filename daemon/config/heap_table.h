// SPDX-License-Identifier: Apache-2.0
//
// Reads one [[heap]] table and its [heap.options].

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/document.h"
#include "daemon/config/value.h"

namespace ion {

/// Errors: EINVAL for the first mistake, those in the options after all others.
[[nodiscard]] Result<HeapTable> read_heap_table(const toml::table& table, std::string_view file,
                                                std::span<const HeapType> types);

/// The keys that such a table may have, without "heap.".
[[nodiscard]] std::vector<std::string> heap_keys();

/// The name of a heap, or of anything that usage files show: 1 to 31 bytes of [A-Za-z0-9_.-], not "." or "..".
[[nodiscard]] Result<Setting<std::string>> read_heap_name(const Value& value);

}  // namespace ion
