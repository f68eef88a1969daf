// SPDX-License-Identifier: Apache-2.0
//
// The columns of the kernel's usage texts.
//
// The texts follow the debugfs files of kernels 3.10 to 4.11, whose formats are `%16s`, `%16u` and `%16zu`.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace ion {

/// Width of a column; a longer word makes its line longer, as with printf.
inline constexpr std::size_t kColumn = 16;

/// `%16s`: blanks, then `word`.
[[nodiscard]] std::string column(std::string_view word);

/// `%16.16s`: as column(), but `word` loses what is beyond 16 bytes.
[[nodiscard]] std::string cut_column(std::string_view word);

/// Columns with a blank between them and a newline behind the last.
[[nodiscard]] std::string row(std::initializer_list<std::string_view> words);

/// The name of a process as one word that every parser of these texts can rely on.
///
/// A program chooses its own name, so a raw one could forge rows or split a column. A space becomes `_`, any
/// other byte outside printable ASCII `?`; an empty name is `?`. What exceeds 15 bytes, which no kernel gives,
/// is cut, so that the column always begins with a blank.
[[nodiscard]] std::string process_word(std::string_view comm);

/// The rest of a line "key: value": what is no printable ASCII becomes `?`, an empty text `-`.
[[nodiscard]] std::string line_text(std::string_view text);

/// "2023-11-14T22:14:30Z".
[[nodiscard]] std::string utc_time(std::int64_t unix_seconds);

/// Text between the quotes of an OpenMetrics label: backslash, quote and newline escaped, and every byte that is
/// no printable ASCII replaced by `?`, since the format is UTF-8 and a process name is not.
[[nodiscard]] std::string label_value(std::string_view text);

}  // namespace ion
