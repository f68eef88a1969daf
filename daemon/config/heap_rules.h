// SPDX-License-Identifier: Apache-2.0
//
// Rules between the keys of a heap, and for names and ids of heaps. Errors are EINVAL, as parse_config() has them.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/config/config.h"
#include "daemon/config/document.h"

namespace ion {

/// "where: heap.key: problem", as EINVAL.
[[nodiscard]] Error heap_mistake(std::string_view where, std::string_view key, const std::string& problem);

[[nodiscard]] std::string quoted(std::string_view word);

/// Value of `enum ion_heap_type` that callers of a personality see for a type: CUSTOM where their ABI has none.
[[nodiscard]] std::uint32_t type_number(const HeapType& type, Personality personality);

/// A table as a heap, defaults filled in. The id stays 0 when the table has none, the base when it is to be placed.
[[nodiscard]] Result<HeapConfig> heap_of(const HeapTable& table, Personality personality);

/// No two tables of one document have the same name.
[[nodiscard]] Result<void> check_names(const Document& document);

/// No two heaps share an id.
[[nodiscard]] Result<void> check_ids(std::span<const HeapConfig> heaps);

}  // namespace ion
