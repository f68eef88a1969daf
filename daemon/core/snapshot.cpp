// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/snapshot.h"

#include <algorithm>

#include "daemon/core/device.h"

namespace ion {

void Device::add_clients(Snapshot& snapshot) const {
    for (const auto& [id, client] : state_.clients()) {
        ClientUsage usage{id,
                          std::to_string(client.opened.pid),
                          client.opened.serial,
                          client.opened.pid,
                          comm_text(client.opened.comm),
                          client.opened.uid,
                          client.opened.gid,
                          {}};
        client.handles.for_each([&](HandleId handle, const Handle& entry) {
            usage.handles.push_back(HandleUsage{handle, entry.references, entry.buffer});
        });
        for (const BufferId owned : client.owned) {
            if (client.handles.of(owned).value == 0) {
                usage.handles.push_back(HandleUsage{HandleId{}, 0, owned});
            }
        }
        snapshot.clients.push_back(std::move(usage));
    }
}

void Device::add_buffers(Snapshot& snapshot) const {
    for (const auto& [id, buffer] : state_.buffers()) {
        const auto live = live_.find(id);
        const Client* owner = state_.client(buffer.made.owner);
        const bool charged = owner != nullptr && owner->handles.of(id).value == 0;
        snapshot.buffers.push_back(BufferUsage{
            id, buffer.made.heap, buffer.made.size, buffer.made.flags, buffer.made.exporter,
            buffer.made.placement, buffer.holders + (charged ? 1U : 0U),
            live != live_.end() && live->second.outside, 0, comm_text(buffer.made.comm), buffer.made.pid});
    }
    std::sort(snapshot.buffers.begin(), snapshot.buffers.end(),
              [](const BufferUsage& a, const BufferUsage& b) { return a.id < b.id; });
}

Snapshot Device::snapshot() const {
    Snapshot snapshot;
    for (const auto& heap : heaps_.all()) {
        const HeapTotals totals = state_.totals(heap.id);
        snapshot.heaps.push_back(HeapFigures{.id = heap.id,
                                             .type = heap.type,
                                             .type_name = heap.type_name,
                                             .name = heap.name,
                                             .usage = heap.heap->usage(),
                                             .buffer_count = totals.buffers,
                                             .buffer_bytes = totals.bytes,
                                             .peak_bytes = totals.peak_bytes,
                                             .has_addresses = heap.heap->has_addresses(),
                                             .defers_free = heap.heap->defers_free(),
                                             .can_shrink = heap.heap->can_shrink(),
                                             .memory_map = heap.heap->memory_map(),
                                             .debug_a = heap.heap->print_debug(DebugLayout::kA),
                                             .debug_b = heap.heap->print_debug(DebugLayout::kB)});
    }
    add_clients(snapshot);
    add_buffers(snapshot);
    return snapshot;
}

}  // namespace ion
