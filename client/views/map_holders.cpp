// SPDX-License-Identifier: Apache-2.0

#include "client/views/map_holders.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "client/views/text.h"

namespace ion::views {

MapHolders::MapHolders(const HeapMap& map) {
    std::map<std::string, MapHolder> by_name;
    for (const usage::MapRun& run : map.runs) {
        if (!run.is_free()) {
            MapHolder& holder = by_name[run.holder];
            holder.bytes += run.size;
            ++holder.runs;
        }
    }
    for (auto& [name, holder] : by_name) {
        const auto command = map.commands.find(name);
        holder.holder = name;
        holder.command = command == map.commands.end() ? std::string() : command->second;
        all_.push_back(std::move(holder));
    }
    std::ranges::sort(all_, [](const MapHolder& a, const MapHolder& b) {
        return std::tie(b.bytes, a.holder) < std::tie(a.bytes, b.holder);
    });
}

std::size_t MapHolders::place(const std::string& holder) const {
    const auto found = std::ranges::find(all_, holder, &MapHolder::holder);
    return static_cast<std::size_t>(std::distance(all_.begin(), found));
}

std::string holder_text(const MapHolder& holder) {
    if (holder.holder == "(null)") {
        return "no client's (orphaned)";
    }
    return printable(holder.holder) + (holder.command.empty() ? "" : " " + printable(holder.command));
}

MapSums sums_of(const HeapMap& map) {
    MapSums sums;
    if (map.runs.empty()) {
        return sums;
    }
    sums.base = map.runs.front().base;
    sums.size = map.runs.back().base + map.runs.back().size - sums.base;
    for (const usage::MapRun& run : map.runs) {
        sums.used += run.is_free() ? 0 : run.size;
        sums.free += run.is_free() ? run.size : 0;
        sums.largest_free = std::max(sums.largest_free, run.is_free() ? run.size : 0);
        sums.used_runs += run.is_free() ? 0 : 1;
    }
    return sums;
}

std::string map_title(const HeapMap& map) {
    if (map.runs.empty()) {
        return map.heap + ": nothing has a place in it";
    }
    const MapSums sums = sums_of(map);
    std::string text = fmt::format("{}: {} at {:#x}; {} in {} used", map.heap, size_text(sums.size),
                                   sums.base, size_text(sums.used), counted(sums.used_runs, "run"));
    if (sums.used + sums.free == sums.size) {  // else it lists buffers alone, and not what lies between
        text += fmt::format(", {} free, longest run {}", size_text(sums.free), size_text(sums.largest_free));
    }
    return text;
}

}  // namespace ion::views
