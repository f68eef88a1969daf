// SPDX-License-Identifier: Apache-2.0
//
// The memory map of a heap: what lies where in its region, as generation A printed it.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/core/snapshot.h"

namespace ion {

/// One run of addresses, [base, base + size).
struct MapRun {
    PlacedRange range;
    const BufferUsage* buffer = nullptr;  ///< null: free; points into the snapshot
};

/// The runs of a heap in the order of addresses: its buffers and, with MemoryMap::kRangesAndGaps, what is free
/// between and behind them. Empty for MemoryMap::kNone.
[[nodiscard]] std::vector<MapRun> memory_map(const Snapshot& snapshot, const HeapFigures& heap);

/// The text of generation A: a blank line, a title, a header, and a row for each run with the name of the first
/// client that has a handle, `(null)` for a buffer that none has, or FREE. Empty for MemoryMap::kNone.
[[nodiscard]] std::string render_memory_map(const Snapshot& snapshot, const HeapFigures& heap);

}  // namespace ion
