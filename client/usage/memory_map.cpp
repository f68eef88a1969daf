// SPDX-License-Identifier: Apache-2.0

#include "client/usage/memory_map.h"

#include <optional>

#include "client/usage/fields.h"

namespace ion::usage {
namespace {

/// A row "client start end size (hex)"; nullopt for any other line.
std::optional<MapRun> parse_run(std::string_view line) {
    const auto fields = words(line);
    if (fields.size() < 5) {
        return std::nullopt;
    }
    const auto start = number(fields[1], 16);
    const auto last = number(fields[2], 16);
    const auto size = number(fields[3]);
    if (!start || !last || !size || *size == 0 || *last != *start + (*size - 1)) {
        return std::nullopt;
    }
    return MapRun{.holder = fields[0] == "FREE" ? std::string() : std::string(fields[0]),
                  .base = *start,
                  .size = *size};
}

}  // namespace

Result<std::vector<MapRun>> parse_memory_map(std::string_view text) {
    std::vector<MapRun> runs;
    std::size_t line_number = 0;
    bool in_rows = false;
    for (const std::string_view line : lines(text)) {
        ++line_number;
        if (!in_rows) {
            in_rows = line.find("start address") != std::string_view::npos;
            continue;
        }
        auto run = parse_run(line);
        if (!run || (!runs.empty() && run->base < runs.back().base + runs.back().size)) {
            return not_understood("map", line_number, "no run of addresses above the last");
        }
        runs.push_back(*std::move(run));
    }
    if (!in_rows) {
        return not_understood("map", line_number, "no header");
    }
    return runs;
}

}  // namespace ion::usage
