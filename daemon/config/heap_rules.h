// SPDX-License-Identifier: Apache-2.0
//
// Rules between the keys of a heap and between heaps. Errors are EINVAL, as parse_config() has them.

#pragma once

#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/document.h"

namespace ion {

/// A table as a heap, defaults filled in. The id stays 0 when the table has none.
[[nodiscard]] Result<HeapConfig> heap_of(const HeapTable& table);

/// No two tables of one document have the same name.
[[nodiscard]] Result<void> check_names(const Document& document);

/// No two heaps share an id or an address.
[[nodiscard]] Result<void> check_heaps(const std::vector<HeapConfig>& heaps);

}  // namespace ion
