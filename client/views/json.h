// SPDX-License-Identifier: Apache-2.0
//
// JSON documents of ionctl: docs/ionctl.schema.json describes them.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ion::views {

/// Grows when a member changes its meaning or goes; new members do not change it.
inline constexpr int kJsonSchema = 1;

using Json = nlohmann::ordered_json;

/// {"schema": ..., "kind": kind}.
[[nodiscard]] Json json_document(std::string_view kind);

/// One document with a newline behind it, indented or as one line. Bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string json_text(const Json& document);
[[nodiscard]] std::string json_line(const Json& document);

}  // namespace ion::views
