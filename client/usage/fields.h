// SPDX-License-Identifier: Apache-2.0
//
// Lines, words and numbers of the usage files.

#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "daemon/base/result.h"

namespace ion::usage {

/// The lines of a text, without their newlines. They point into `text`.
[[nodiscard]] std::vector<std::string_view> lines(std::string_view text);

/// What lies between blanks. The words point into `line`.
[[nodiscard]] std::vector<std::string_view> words(std::string_view line);

/// The words "key=value" of a line; a value has no blank. They point into `line`.
[[nodiscard]] std::map<std::string_view, std::string_view> pairs_of(std::string_view line);

/// A number, by default an unsigned one, that is all of `text`; nullopt for anything else. `base`: of integers.
template <typename Number = std::uint64_t>
[[nodiscard]] std::optional<Number> number(std::string_view text, int base = 10) {
    Number value{};
    const char* end = text.data() + text.size();
    std::from_chars_result read{};
    if constexpr (std::is_floating_point_v<Number>) {
        read = std::from_chars(text.data(), end, value);
    } else {
        read = std::from_chars(text.data(), end, value, base);
    }
    return read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
}

/// What follows `prefix`; nullopt when `text` does not begin with it.
[[nodiscard]] std::optional<std::string_view> after(std::string_view text, std::string_view prefix);

/// EPROTO: a file is not what this parser knows. `line` counts from 1.
[[nodiscard]] Error not_understood(std::string_view file, std::size_t line, std::string_view what);

}  // namespace ion::usage
