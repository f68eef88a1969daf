// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/snapshot.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/core/device.h"

namespace ion {
namespace {

/// What `client` has of the buffer, if anything.
std::optional<BufferHandle> handle_of(ClientId id, const Client& client, BufferId buffer) {
    const HandleId handle = client.handles.of(buffer);
    if (handle.value == 0 && !client.owned.contains(buffer)) {
        return std::nullopt;
    }
    return BufferHandle{id, client.name() + "-" + std::to_string(client.opened.serial), client.opened.uid,
                        handle, handle.value == 0 ? 0 : client.handles.find(handle)->references};
}

}  // namespace

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

BufferUsage Device::usage_of(const Buffer& buffer) const {
    const BufferCreated& made = buffer.made;
    const auto live = live_.find(made.buffer);
    const Client* owner = state_.client(made.owner);
    const bool charged = owner != nullptr && owner->handles.of(made.buffer).value == 0;
    BufferUsage usage{.id = made.buffer,
                      .heap = made.heap,
                      .size = made.size,
                      .flags = made.flags,
                      .exporter = made.exporter,
                      .placement = made.placement,
                      .holders = buffer.holders + (charged ? 1U : 0U),
                      .last_comm = comm_text(made.comm),
                      .last_pid = made.pid,
                      .last_uid = made.pid == buffer.origin.pid ? buffer.origin.uid : kUnknownUid};
    if (live != live_.end()) {
        usage.outside = live->second.outside;
    }
    if (live != live_.end() && live->second.drivers) {
        usage.kernel_maps = live->second.drivers->kernel_maps;
        for (const auto& [space, mapping] : live->second.drivers->spaces) {
            usage.spaces.push_back({space.domain, space.partition, mapping.address});
        }
    }
    return usage;
}

BufferDetails Device::details_of(const Buffer& buffer) const {
    return {.usage = usage_of(buffer),
            .align = buffer.made.align,
            .file = buffer.made.file,
            .exported = buffer.exported,
            .origin = buffer.origin,
            .handles = {}};
}

std::vector<BufferDetails> Device::details(BufferId id) const {
    const Buffer* buffer = state_.buffer(id);
    if (buffer == nullptr) {
        return {};
    }
    BufferDetails details = details_of(*buffer);
    for (const auto& [client_id, client] : state_.clients()) {
        if (auto handle = handle_of(client_id, client, id)) {
            details.handles.push_back(*std::move(handle));
        }
    }
    return {std::move(details)};
}

std::vector<BufferDetails> Device::details() const {
    std::vector<BufferDetails> all;
    all.reserve(state_.buffers().size());
    for (const auto& [id, buffer] : state_.buffers()) {
        all.push_back(details_of(buffer));
    }
    std::ranges::sort(all, {}, [](const BufferDetails& one) { return one.usage.id; });
    const auto add = [&](ClientId client_id, const Client& client, BufferId id) {
        const auto found =
            std::ranges::lower_bound(all, id, {}, [](const BufferDetails& one) { return one.usage.id; });
        if (auto handle = handle_of(client_id, client, id)) {
            found->handles.push_back(*std::move(handle));
        }
    };
    for (const auto& [client_id, client] : state_.clients()) {
        client.handles.for_each(
            [&, id = client_id, &holder = client](HandleId /*handle*/, const Handle& entry) {
                add(id, holder, entry.buffer);
            });
        for (const BufferId owned : client.owned) {
            if (client.handles.of(owned).value == 0) {
                add(client_id, client, owned);
            }
        }
    }
    return all;
}

std::vector<HeapFigures> Device::heap_figures() const {
    std::vector<HeapFigures> figures;
    for (const auto& heap : heaps_.all()) {
        const HeapTotals totals = state_.totals(heap.id);
        figures.push_back(HeapFigures{.id = heap.id,
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
    return figures;
}

Snapshot Device::snapshot() const {
    Snapshot snapshot;
    snapshot.heaps = heap_figures();
    add_clients(snapshot);
    snapshot.buffers.reserve(state_.buffers().size());
    for (const auto& [id, buffer] : state_.buffers()) {
        snapshot.buffers.push_back(usage_of(buffer));
    }
    std::ranges::sort(snapshot.buffers, {}, &BufferUsage::id);
    return snapshot;
}

}  // namespace ion
