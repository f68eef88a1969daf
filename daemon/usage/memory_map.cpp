// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/memory_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "daemon/usage/format.h"

namespace ion {
namespace {

/// Name of the first client that has a handle for a buffer.
std::map<BufferId, std::string> first_holders(const Snapshot& snapshot) {
    std::map<BufferId, std::string> names;
    for (const ClientUsage& client : snapshot.clients) {
        for (const HandleUsage& handle : client.handles) {
            names.emplace(handle.buffer, process_word(client.name));
        }
    }
    return names;
}

std::vector<MapRun> placed_runs(const Snapshot& snapshot, HeapId heap) {
    std::vector<MapRun> runs;
    for (const BufferUsage& buffer : snapshot.buffers) {
        if (buffer.heap == heap) {
            for (const PlacedRange& range : buffer.placement) {
                runs.push_back({range, &buffer});
            }
        }
    }
    std::ranges::sort(runs, {}, [](const MapRun& run) { return run.range.base; });
    return runs;
}

}  // namespace

std::vector<MapRun> memory_map(const Snapshot& snapshot, const HeapFigures& heap) {
    if (heap.memory_map == MemoryMap::kNone) {
        return {};
    }
    const std::vector<MapRun> placed = placed_runs(snapshot, heap.id);
    if (heap.memory_map == MemoryMap::kRanges) {
        return placed;
    }
    std::vector<MapRun> runs;
    std::uint64_t at = heap.usage.base;
    const std::uint64_t end = heap.usage.base + heap.usage.total;
    for (const MapRun& run : placed) {
        if (run.range.base > at) {
            runs.push_back({{.base = at, .size = run.range.base - at}, nullptr});
        }
        runs.push_back(run);
        at = run.range.base + run.range.size;
    }
    if (at < end) {
        runs.push_back({{.base = at, .size = end - at}, nullptr});
    }
    return runs;
}

std::string render_memory_map(const Snapshot& snapshot, const HeapFigures& heap) {
    if (heap.memory_map == MemoryMap::kNone) {
        return {};
    }
    const auto holders = first_holders(snapshot);
    std::string text = "\nMemory Map\n";
    text +=
        fmt::format("{:>16} {:>14} {:>14} {:>14}\n", "client", "start address", "end address", "size (hex)");
    for (const auto& [range, buffer] : memory_map(snapshot, heap)) {
        std::string name = "FREE";
        if (buffer != nullptr) {
            const auto holder = holders.find(buffer->id);
            name = holder == holders.end() ? "(null)" : holder->second;
        }
        text += fmt::format("{:>16} {:14x} {:14x} {:14} ({:x})\n", name, range.base,
                            range.base + range.size - 1, range.size, range.size);
    }
    return text;
}

}  // namespace ion
