// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/format.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <iterator>

namespace ion {
namespace {

constexpr std::size_t kMaxCommBytes = 15;  // TASK_COMM_LEN without the final NUL

constexpr char safe_byte(char byte) {
    if (byte == ' ') {
        return '_';
    }
    return byte > ' ' && byte <= '~' ? byte : '?';
}

}  // namespace

std::string column(std::string_view word) {
    std::string text(word.size() < kColumn ? kColumn - word.size() : 0, ' ');
    text += word;
    return text;
}

std::string cut_column(std::string_view word) {
    return column(word.substr(0, kColumn));
}

std::string row(std::initializer_list<std::string_view> words) {
    std::string text;
    for (const std::string_view word : words) {
        text += text.empty() ? "" : " ";
        text += column(word);
    }
    text += '\n';
    return text;
}

std::string process_word(std::string_view comm) {
    if (comm.empty()) {
        return "?";
    }
    std::string word;
    std::ranges::transform(comm.substr(0, kMaxCommBytes), std::back_inserter(word), safe_byte);
    return word;
}

std::string line_text(std::string_view text) {
    if (text.empty()) {
        return "-";
    }
    std::string value(text);
    std::ranges::replace_if(
        value, [](char byte) { return byte < ' ' || byte > '~'; }, '?');
    return value;
}

std::string utc_time(std::int64_t unix_seconds) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(unix_seconds)));
}

std::string label_value(std::string_view text) {
    std::string value;
    for (const char byte : text) {
        if (byte == '\\' || byte == '"') {
            value += '\\';
            value += byte;
        } else if (byte == '\n') {
            value += "\\n";
        } else {
            value += byte >= ' ' && byte <= '~' ? byte : '?';
        }
    }
    return value;
}

}  // namespace ion
