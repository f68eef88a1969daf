// SPDX-License-Identifier: Apache-2.0
//
// Table: rows of words as columns of text.

#pragma once

#include <string>
#include <vector>

namespace ion::views {

/// Each column is as wide as its widest word, with two blanks between columns and none at the end of a line.
class Table {
  public:
    enum class Align { kLeft, kRight };
    struct Column {
        std::string title;
        Align align = Align::kLeft;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// As many words as there are columns; what is not printable becomes '?', an empty word "-".
    void add(const std::vector<std::string>& words);

    /// The titles, then a line for each row, each after `indent`.
    [[nodiscard]] std::vector<std::string> lines(const std::string& indent = {}) const;

    /// The same as one text.
    [[nodiscard]] std::string text(const std::string& indent = {}) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

inline constexpr Table::Align kLeft = Table::Align::kLeft;
inline constexpr Table::Align kRight = Table::Align::kRight;

}  // namespace ion::views
