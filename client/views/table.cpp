// SPDX-License-Identifier: Apache-2.0

#include "client/views/table.h"

#include <algorithm>

#include "client/views/text.h"

namespace ion::views {

void Table::add(const std::vector<std::string>& words) {
    std::vector<std::string>& row = rows_.emplace_back();
    for (const std::string& word : words) {
        row.push_back(word.empty() ? "-" : printable(word));
    }
    row.resize(columns_.size(), "-");
}

std::vector<std::string> Table::lines(const std::string& indent) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        widths.push_back(columns_[i].title.size());
        for (const auto& row : rows_) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::vector<std::string> result;
    const auto add_line = [&](const auto& word_of) {
        std::string line = indent;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const std::string& word = word_of(i);
            const std::string blanks(widths[i] - word.size(), ' ');
            line += i == 0 ? "" : "  ";
            line += columns_[i].align == kRight ? blanks + word : word + blanks;
        }
        line.resize(line.find_last_not_of(' ') + 1);
        result.push_back(std::move(line));
    };
    add_line([&](std::size_t i) -> const std::string& { return columns_[i].title; });
    for (const auto& row : rows_) {
        add_line([&](std::size_t i) -> const std::string& { return row[i]; });
    }
    return result;
}

std::string Table::text(const std::string& indent) const {
    std::string result;
    for (const std::string& line : lines(indent)) {
        result += line + "\n";
    }
    return result;
}

}  // namespace ion::views
