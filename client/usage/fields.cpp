// SPDX-License-Identifier: Apache-2.0

#include "client/usage/fields.h"

#include <algorithm>

namespace ion::usage {

std::vector<std::string_view> lines(std::string_view text) {
    std::vector<std::string_view> result;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        result.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

std::vector<std::string_view> words(std::string_view line) {
    constexpr std::string_view kBlanks = " \t";
    std::vector<std::string_view> result;
    std::size_t at = line.find_first_not_of(kBlanks);
    while (at != std::string_view::npos) {
        const std::size_t end = line.find_first_of(kBlanks, at);
        result.push_back(line.substr(at, end - at));
        at = line.find_first_not_of(kBlanks, end);
    }
    return result;
}

std::map<std::string_view, std::string_view> pairs_of(std::string_view line) {
    std::map<std::string_view, std::string_view> pairs;
    for (const std::string_view word : words(line)) {
        const std::size_t at = std::min(word.find('='), word.size());
        pairs.emplace(word.substr(0, at), word.substr(std::min(at + 1, word.size())));
    }
    return pairs;
}

std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) ? std::optional(text.substr(prefix.size())) : std::nullopt;
}

Error not_understood(std::string_view file, std::size_t line, std::string_view what) {
    return fail(EPROTO, std::string(file) + ": line " + std::to_string(line) + ": " + std::string(what) +
                            "; is this ionctl as new as iond?");
}

}  // namespace ion::usage
