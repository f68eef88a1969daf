// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/render_legacy.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/usage/format.h"
#include "daemon/usage/memory_map.h"
#include "daemon/usage/snapshot_index.h"

namespace ion {
namespace {

std::string heap_name(const Snapshot& snapshot, HeapId id) {
    const HeapFigures* heap = find_heap(snapshot, id);
    return heap == nullptr ? "?" : heap->name;
}

/// The kernel prints it for the types whose buffers are one range of a pool.
std::string physical(const Snapshot& snapshot, const BufferUsage& buffer) {
    const HeapFigures* heap = find_heap(snapshot, buffer.heap);
    const bool has_one =
        heap != nullptr && heap->memory_map == MemoryMap::kRangesAndGaps && buffer.placement.size() == 1;
    return has_one ? fmt::format("{:x}", buffer.placement.front().base) : "N/A";
}

std::string spaces(const BufferUsage& buffer) {
    std::string text;
    for (const SpaceUsage& one : buffer.spaces) {
        text += fmt::format(" : [{},{}] - {:8x}", one.domain, one.partition, one.address);
    }
    return text;
}

}  // namespace

std::string render_legacy_heap(const Snapshot& snapshot, const HeapFigures& heap) {
    std::string text = row({"client", "pid", "size"});
    for (const ClientUsage& client : snapshot.clients) {
        const auto bytes = bytes_by_heap(snapshot, client);
        if (const auto here = bytes.find(heap.id); here != bytes.end()) {
            text += row({process_word(client.comm), std::to_string(static_cast<std::uint32_t>(client.pid)),
                         std::to_string(here->second)});
        }
    }
    return text + heap.debug_a + render_memory_map(snapshot, heap);
}

std::string render_legacy_client(const Snapshot& snapshot, const ClientUsage& client) {
    std::string text =
        fmt::format("{:>16.16}: {:>16.16} : {:>16.16} : {:>12.12} : {:>12.12} : {}\n", "heap_name",
                    "size_in_bytes", "handle refcount", "buffer", "physical", "[domain,partition] - virt");
    for (const HandleUsage& handle : client.handles) {
        if (const BufferUsage* buffer = find_buffer(snapshot, handle.buffer)) {
            text +=
                fmt::format("{:>16.16}: {:16x} : {:16} : {:12x} : {:>12}{}\n",
                            heap_name(snapshot, buffer->heap), buffer->size, std::max(handle.references, 1U),
                            buffer->id.value, physical(snapshot, *buffer), spaces(*buffer));
        }
    }
    return text;
}

std::string render_leaked_fds(const Snapshot& snapshot) {
    std::string text = row({"buffer", "heap", "size", "ref cnt"});
    for (const BufferUsage& buffer : snapshot.buffers) {
        if (buffer.holders == 0) {
            text += fmt::format("{:16x} {:>16} {:16x} {:16}\n", buffer.id.value,
                                heap_name(snapshot, buffer.heap), buffer.size, 1);
        }
    }
    return text;
}

}  // namespace ion
