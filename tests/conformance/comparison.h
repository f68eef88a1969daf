// SPDX-License-Identifier: Apache-2.0
//
// Rows of the program conformance against those of another device, with a list of the differences that are known.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ion::test {

/// What follows a case's name in its row, by that name.
using Rows = std::map<std::string, std::string>;

/// Reads a table. A name that comes twice, or a line that is no row, goes to `problems`.
[[nodiscard]] Rows parse_rows(std::string_view text, std::vector<std::string>& problems);

/// The mechanism behind a difference (a row of docs/conformance.md), by the case that it concerns.
using KnownDifferences = std::map<std::string, std::string>;

/// The mechanism of cases that agree or, on a machine that cannot show them, are skipped.
inline constexpr std::string_view kMachine = "machine";

/// The mechanism of cases that agree or differ by chance.
inline constexpr std::string_view kChance = "chance";

/// Reads a list: "MECHANISM: CASE CASE...", continued by indented lines; in a name {a,b} stands for either. Comments
/// begin with '#'. A case that comes twice, or under no mechanism, goes to `problems`.
[[nodiscard]] KnownDifferences parse_known(std::string_view text, std::vector<std::string>& problems);

/// How many of a group's cases agree, of those that the other device has.
struct Figure {
    int agreeing = 0;
    int all = 0;
};

struct Comparison {
    std::map<std::string, Figure> groups;  ///< a group is what stands before a name's first dot
    Figure total;
    std::vector<std::string>
        problems;  ///< differences that are not known, known ones that agree, cases missing
};

[[nodiscard]] Comparison compare(const Rows& expected, const Rows& actual, const KnownDifferences& known);

/// A line for each group, and one for all.
[[nodiscard]] std::string figures_of(const Comparison& comparison);

}  // namespace ion::test
