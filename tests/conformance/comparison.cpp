// SPDX-License-Identifier: Apache-2.0

#include "tests/conformance/comparison.h"

#include <array>
#include <cstdio>
#include <sstream>

namespace ion::test {
namespace {

constexpr std::string_view kHeader = "case\tinputs\tret\terrno\toutputs";

std::vector<std::string> lines_of(std::string_view text) {
    std::istringstream stream{std::string(text)};
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// `name` with each of its {a,b} replaced by one of the words in it, in every combination.
std::vector<std::string> expand(const std::string& name) {
    const auto open = name.find('{');
    const auto close = name.find('}', open);
    if (open == std::string::npos || close == std::string::npos) {
        return {name};
    }
    std::vector<std::string> names;
    std::istringstream words(name.substr(open + 1, close - open - 1));
    for (std::string word; std::getline(words, word, ',');) {
        for (const std::string& one : expand(name.substr(0, open) + word + name.substr(close + 1))) {
            names.push_back(one);
        }
    }
    return names;
}

bool is_skipped(const std::string& row) {
    return row.find("\tSKIP\t") != std::string::npos;
}

std::string figure_line(const std::string& name, const Figure& figure) {
    std::array<char, 80> line{};
    std::snprintf(line.data(), line.size(), "%-8s %5d / %d\n", name.c_str(), figure.agreeing, figure.all);
    return line.data();
}

}  // namespace

Rows parse_rows(std::string_view text, std::vector<std::string>& problems) {
    Rows rows;
    for (const std::string& line : lines_of(text)) {
        const auto tab = line.find('\t');
        if (line.empty() || line == kHeader) {
            continue;
        }
        if (tab == std::string::npos) {
            problems.push_back("no row: " + line);
        } else if (!rows.emplace(line.substr(0, tab), line.substr(tab + 1)).second) {
            problems.push_back(line.substr(0, tab) + ": two rows");
        }
    }
    return rows;
}

KnownDifferences parse_known(std::string_view text, std::vector<std::string>& problems) {
    KnownDifferences known;
    std::string mechanism;
    for (const std::string& line : lines_of(text)) {
        std::istringstream words(line.substr(0, line.find('#')));
        const bool continues = !line.empty() && line.front() == ' ';
        for (std::string word; words >> word;) {
            if (!continues && word.back() == ':') {
                mechanism = word.substr(0, word.size() - 1);
                continue;
            }
            for (const std::string& name : expand(word)) {
                if (mechanism.empty() || !known.emplace(name, mechanism).second) {
                    problems.push_back(name +
                                       (mechanism.empty() ? ": under no mechanism" : ": listed twice"));
                }
            }
        }
    }
    return known;
}

Comparison compare(const Rows& expected, const Rows& actual, const KnownDifferences& known) {
    Comparison result;
    const auto complain = [&](const std::string& name, const std::string& problem) {
        result.problems.push_back(name + ": " + problem);
    };
    for (const auto& [name, row] : expected) {
        Figure& group = result.groups[name.substr(0, name.find('.'))];
        ++group.all;
        ++result.total.all;
        const auto found = actual.find(name);
        if (found == actual.end()) {
            complain(name, "no answer");
            continue;
        }
        const bool agrees = found->second == row;
        group.agreeing += agrees ? 1 : 0;
        result.total.agreeing += agrees ? 1 : 0;
        const auto listed = known.find(name);
        const std::string mechanism = listed == known.end() ? "" : listed->second;
        if (mechanism == kChance) {
            continue;
        }
        if (mechanism == kMachine ? agrees || is_skipped(found->second) : agrees == mechanism.empty()) {
            continue;
        }
        complain(name, agrees ? "agrees, but is listed under " + mechanism
                              : "expected " + row + "\n    got      " + found->second);
    }
    for (const auto& [name, mechanism] : known) {
        if (!expected.contains(name)) {
            complain(name, "listed under " + mechanism + ", but there is no such case");
        }
    }
    for (const auto& [name, row] : actual) {
        if (!expected.contains(name) && !is_skipped(row)) {
            complain(name, "no such case there: " + row);
        }
    }
    return result;
}

std::string figures_of(const Comparison& comparison) {
    std::string text;
    for (const auto& [name, figure] : comparison.groups) {
        text += figure_line(name, figure);
    }
    return text + figure_line("total", comparison.total);
}

}  // namespace ion::test
