// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/snapshot.h"

#include <algorithm>

#include "daemon/core/device.h"

namespace ion {

void Device::add_clients(Snapshot& snapshot) const {
    for (const auto& [id, client] : state_.clients()) {
        ClientUsage usage{id,
                          client.name(),
                          client.opened.serial,
                          client.opened.pid,
                          client.kernel_name.empty() ? comm_text(client.opened.comm) : client.kernel_name,
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
        BufferUsage usage{.id = id,
                          .heap = buffer.made.heap,
                          .size = buffer.made.size,
                          .flags = buffer.made.flags,
                          .exporter = buffer.made.exporter,
                          .placement = buffer.made.placement,
                          .holders = buffer.holders + (charged ? 1U : 0U),
                          .last_comm = comm_text(buffer.made.comm),
                          .last_pid = buffer.made.pid};
        if (live != live_.end()) {
            usage.outside = live->second.outside;
        }
        if (live != live_.end() && live->second.drivers) {
            usage.kernel_maps = live->second.drivers->kernel_maps;
            for (const auto& [space, mapping] : live->second.drivers->spaces) {
                usage.spaces.push_back({space.domain, space.partition, mapping.address});
            }
        }
        snapshot.buffers.push_back(std::move(usage));
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
