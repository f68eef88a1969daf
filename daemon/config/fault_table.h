// SPDX-License-Identifier: Apache-2.0
//
// Reads [[fault]] tables, and puts those of several texts together.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/document.h"
#include "daemon/config/value.h"

namespace ion {

/// Every table of a list. Errors: EINVAL, as read_document(); a name that is there twice is a mistake.
[[nodiscard]] Result<std::vector<FaultTable>> read_fault_tables(const Value& value);

/// The keys of a table.
[[nodiscard]] std::vector<std::string_view> fault_keys();

/// The rules of the documents' tables: each replaces an earlier one of its name. Errors: EINVAL for a rule of a heap that
/// is none of `heaps`, and for `off` of a rule that is not there.
[[nodiscard]] Result<std::vector<FaultRule>> merge_faults(std::span<const Document> documents,
                                                          std::span<const HeapConfig> heaps);

}  // namespace ion
