// SPDX-License-Identifier: Apache-2.0
//
// The memory map of one heap: as cells for a terminal, as a picture, as JSON.

#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "client/usage/figures.h"
#include "client/usage/memory_map.h"
#include "client/views/json.h"

namespace ion::views {

/// A heap's map with what makes it readable.
struct HeapMap {
    std::string heap;
    std::vector<usage::MapRun> runs;
    std::map<std::string, std::string> commands;  ///< of holders, by pid, as far as they are known
};

/// `figures` knows the commands; they may be of another moment than the runs.
[[nodiscard]] HeapMap heap_map(std::string heap, std::vector<usage::MapRun> runs,
                               const usage::Figures& figures);

/// Rows of cells, each a part of the region and a letter for who has most of it: capital when it has all, '.' for free;
/// then who the letters are. Holders beyond 26 share '+'. With colour: the escape sequences of a terminal.
[[nodiscard]] std::string map_text(const HeapMap& map, bool colour);

/// A whole SVG document: rows of the region, a rectangle for each run, a legend.
[[nodiscard]] std::string map_svg(const HeapMap& map);

[[nodiscard]] Json map_json(const HeapMap& map);

}  // namespace ion::views
