// SPDX-License-Identifier: Apache-2.0

#include "client/views/map_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "client/views/map_holders.h"
#include "client/views/table.h"
#include "client/views/text.h"

namespace ion::views {
namespace {

constexpr std::size_t kCellsPerRow = 64;
constexpr std::size_t kRows = 16;
constexpr std::uint64_t kPage = 4096;

/// Colours of a terminal that are neither its black nor its white.
constexpr std::array kTerminalColours{34, 33, 32, 35, 36, 31, 94};

/// What a cell shows: who has most of it, or nobody.
struct Cell {
    std::size_t holder = 0;
    std::uint64_t bytes = 0;  ///< the holder's
    bool whole = false;       ///< nothing else is in it
};

/// The region as cells of one size, whole pages and no more of them than fit the rows.
class Cells {
  public:
    Cells(const HeapMap& map, const MapHolders& holders) {
        const MapSums sums = sums_of(map);
        constexpr std::uint64_t kMost = kCellsPerRow * kRows;
        const std::uint64_t pages = (sums.size + kPage - 1) / kPage;
        size_ = std::max<std::uint64_t>((pages + kMost - 1) / kMost, 1) * kPage;
        cells_.resize((sums.size + size_ - 1) / size_);
        std::vector<std::map<std::size_t, std::uint64_t>> shares(cells_.size());
        for (const usage::MapRun& run : map.runs) {
            add(run, run.base - sums.base, holders, shares);
        }
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            for (const auto& [holder, bytes] : shares[i]) {
                if (bytes > cells_[i].bytes) {
                    const std::uint64_t room = std::min(size_, sums.size - i * size_);
                    cells_[i] = {.holder = holder, .bytes = bytes, .whole = bytes == room};
                }
            }
        }
    }

    [[nodiscard]] const std::vector<Cell>& all() const { return cells_; }
    [[nodiscard]] std::uint64_t size() const { return size_; }

  private:
    void add(const usage::MapRun& run, std::uint64_t offset, const MapHolders& holders,
             std::vector<std::map<std::size_t, std::uint64_t>>& shares) const {
        if (run.is_free()) {
            return;
        }
        const std::uint64_t end = offset + run.size;
        const std::size_t holder = holders.place(run.holder);
        for (std::uint64_t at = offset; at < end;) {
            const std::uint64_t cell = at / size_;
            const std::uint64_t until = std::min(end, (cell + 1) * size_);
            shares[cell][holder] += until - at;
            at = until;
        }
    }

    std::uint64_t size_ = kPage;
    std::vector<Cell> cells_;
};

char letter(std::size_t place) {
    return place < 26 ? static_cast<char>('A' + place) : '+';
}

std::string coloured(std::string text, std::size_t place, bool colour) {
    if (!colour) {
        return text;
    }
    return fmt::format("\x1b[{}m{}\x1b[0m", kTerminalColours[place % kTerminalColours.size()], text);
}

std::string cell_text(const Cell& cell, bool colour) {
    if (cell.bytes == 0) {
        return ".";
    }
    const char capital = letter(cell.holder);
    const bool lower = !cell.whole && capital != '+';
    return coloured(std::string(1, lower ? static_cast<char>(capital + ('a' - 'A')) : capital), cell.holder,
                    colour);
}

std::string legend(const MapHolders& holders, bool colour) {
    Table table({{""}, {"PID", kRight}, {"COMMAND"}, {"BYTES", kRight}, {"RUNS", kRight}});
    for (std::size_t i = 0; i < holders.all().size(); ++i) {
        const MapHolder& holder = holders.all()[i];
        const bool orphaned = holder.holder == "(null)";
        table.add({std::string(1, letter(i)), orphaned ? "" : holder.holder,
                   orphaned ? "(orphaned)" : holder.command, size_text(holder.bytes),
                   std::to_string(holder.runs)});
    }
    std::string text;
    const auto lines = table.lines();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        text += i == 0 ? lines[i] + "\n"
                       : coloured(lines[i].substr(0, 1), i - 1, colour) + lines[i].substr(1) + "\n";
    }
    return text;
}

}  // namespace

HeapMap heap_map(std::string heap, std::vector<usage::MapRun> runs, const usage::Figures& figures) {
    HeapMap map{.heap = std::move(heap), .runs = std::move(runs), .commands = {}};
    for (const usage::ClientFigures& client : figures.clients) {
        map.commands.emplace(std::to_string(client.pid), client.comm);
    }
    return map;
}

std::string map_text(const HeapMap& map, bool colour) {
    std::string text = printable(map_title(map)) + "\n";
    if (map.runs.empty()) {
        return text;
    }
    const MapHolders holders(map);
    const Cells cells(map, holders);
    const std::uint64_t base = sums_of(map).base;
    const auto& all = cells.all();
    for (std::size_t row = 0; row < all.size(); row += kCellsPerRow) {
        text += fmt::format("{:>14x}  ", base + row * cells.size());
        for (std::size_t i = row; i < std::min(row + kCellsPerRow, all.size()); ++i) {
            text += cell_text(all[i], colour);
        }
        text += '\n';
    }
    text += fmt::format("a cell is {}; . is free, a small letter is a cell that is not all the holder's\n",
                        size_text(cells.size()));
    return holders.all().empty() ? text : text + "\n" + legend(holders, colour);
}

Json map_json(const HeapMap& map) {
    const MapSums sums = sums_of(map);
    Json runs = Json::array();
    for (const usage::MapRun& run : map.runs) {
        Json one{{"base", run.base}, {"size_bytes", run.size}, {"free", run.is_free()}};
        if (const auto command = map.commands.find(run.holder); command != map.commands.end()) {
            one["comm"] = command->second;
        }
        if (!run.is_free()) {
            one["holder"] = run.holder == "(null)" ? Json(nullptr) : Json(run.holder);
        }
        runs.push_back(std::move(one));
    }
    return {{"heap", map.heap},
            {"free_bytes", sums.free},
            {"largest_free_bytes", sums.largest_free},
            {"fragmentation", fragmentation(sums.free, sums.largest_free)},
            {"runs", runs}};
}

}  // namespace ion::views
