// SPDX-License-Identifier: Apache-2.0
//
// What the commands that change a running configuration by one table have in common.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/config/document.h"
#include "daemon/core/record.h"

namespace ion {

/// A string of a JSON object. Errors: EINVAL.
[[nodiscard]] Result<std::string> text_of(std::string_view document, const char* key);

/// A TOML string.
[[nodiscard]] std::string quoted_toml(const std::string& text);

/// Something that no single table may bring along.
[[nodiscard]] bool sets_more_than_tables(const Document& document);

/// All but those that add or leave out `subject`.
[[nodiscard]] std::vector<ConfigurationPiece> pieces_without(std::vector<ConfigurationPiece> pieces,
                                                             const std::string& subject);

}  // namespace ion
