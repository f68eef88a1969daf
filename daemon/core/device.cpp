// SPDX-License-Identifier: Apache-2.0
//
// Device: commit point, release and restart.

#include "daemon/core/device.h"

#include <utility>

namespace ion {

Result<void> Device::commit(Transaction tx) {
    if (tx.records.empty() && !tx.answers) {
        return {};
    }
    if (auto durable = log_.append(tx.records); !durable) {
        return durable;
    }
    std::size_t next_backing = 0;
    for (const Record& record : tx.records) {
        (void)state_.apply(record);
        if (const auto* made = std::get_if<BufferCreated>(&record)) {
            Live& live = live_[made->buffer];
            live.backing = std::move(tx.backings[next_backing++]);
            live.heap = heaps_.find(made->heap)->heap.get();
            live.heap_id = made->heap;
        } else if (const auto* released = std::get_if<BufferReleased>(&record)) {
            forget(released->buffer);
        }
    }
    return {};
}

/// Closes its descriptor: after the record.
void Device::forget(BufferId buffer) {
    const auto gone = live_.find(buffer);
    if (gone == live_.end()) {
        return;
    }
    unmap_user(gone->second, buffer);
    if (gone->second.drivers && gone->second.drivers->scatter_list) {
        gone->second.heap->unmap_dma(*gone->second.backing);
    }
    live_.erase(gone);
}

bool Device::release_if_idle(BufferId id) {
    const Buffer* buffer = state_.buffer(id);
    const auto live = live_.find(id);
    if (buffer == nullptr || !State::unreferenced(*buffer)) {
        return buffer == nullptr;
    }
    if (live != live_.end() && buffer->exported && !live->second.backing->memory().idle()) {
        live->second.outside = true;
        return false;
    }
    Transaction tx;
    tx.records.emplace_back(BufferReleased{id});
    return commit(std::move(tx)).has_value();
}

void Device::look(BufferId id) {
    const auto live = live_.find(id);
    const Buffer* buffer = state_.buffer(id);
    if (live == live_.end() || buffer == nullptr || !buffer->exported) {
        return;
    }
    const Memory& memory = live->second.backing->memory();
    const bool in_use = live->second.drivers && live->second.drivers->kernel_maps != 0;
    if (in_use && memory.kind() != ExporterKind::kMemfd) {
        return;  // a dma-buf does not tell the daemon's mapping from others': what was known stays
    }
    live->second.outside = !memory.idle();
    if (!live->second.outside) {
        unmap_user(live->second, id);
    }
}

void Device::unmap_user(const Live& live, BufferId buffer) {
    if (mapped_.erase({live.heap_id, buffer}) != 0) {
        live.heap->unmap_user(*live.backing);
    }
}

Result<UniqueFd> Device::open_export(BufferId buffer) {
    const auto found = live_.find(buffer);
    if (found == live_.end()) {
        return fail(EINVAL, "no such buffer");
    }
    const Live& live = found->second;
    const bool first = !mapped_.contains({live.heap_id, buffer});
    if (first) {
        if (auto allowed = live.heap->map_user(*live.backing); !allowed) {
            return allowed.error();
        }
        mapped_.insert({live.heap_id, buffer});
    }
    auto fd = live.backing->memory().open_export();
    if (!fd && first) {
        unmap_user(live, buffer);  // nobody outside has one after all
    }
    return fd;
}

const Backing* Device::backing(BufferId buffer) const {
    const auto found = live_.find(buffer);
    return found == live_.end() ? nullptr : found->second.backing.get();
}

std::vector<std::string> Device::restore(const std::function<Result<UniqueFd>(const BufferCreated&)>& take) {
    std::vector<std::string> lost;
    secure_again(lost);
    std::vector<BufferId> gone;
    for (const auto& [id, buffer] : state_.buffers()) {
        auto memory = take(buffer.made);
        auto backing = memory ? restore_one(buffer.made, *std::move(memory))
                              : Result<std::unique_ptr<Backing>>(memory.error());
        if (!backing) {
            lost.push_back("buffer " + std::to_string(id.value) + ": " + backing.error().context);
            gone.push_back(id);
            continue;
        }
        Live& live = live_[id];
        live.backing = *std::move(backing);
        live.heap = heaps_.find(buffer.made.heap)->heap.get();
        live.heap_id = buffer.made.heap;
        // It was allowed before: whoever has it mapped has it still.
        if (buffer.exported && live.heap->map_user(*live.backing)) {
            mapped_.insert({live.heap_id, id});
        }
    }
    for (const BufferId id : gone) {
        drop(id);
    }
    return lost;
}

Result<std::unique_ptr<Backing>> Device::restore_one(const BufferCreated& made, UniqueFd memory) {
    const RegisteredHeap* heap = heaps_.find(made.heap);
    if (heap == nullptr) {
        return fail(ENODEV, "its heap is no longer configured");
    }
    return heap->heap->restore(RestoreRequest{HeapRequest{made.size, made.align, made.flags}, made.exporter,
                                              std::move(memory), made.placement});
}

void Device::drop(BufferId id) {
    Transaction tx;
    for (const auto& [client_id, client] : state_.clients()) {
        if (const HandleId handle = client.handles.of(id); handle.value != 0) {
            const auto references = static_cast<std::int32_t>(client.handles.find(handle)->references);
            tx.records.emplace_back(HandleReferenced{client_id, handle, -references});
        }
    }
    for (const auto& [job, delivery] : state_.deliveries()) {
        if (delivery.buffer == id) {
            tx.records.emplace_back(DeliveryEnded{job});
        }
    }
    tx.records.emplace_back(BufferReleased{id});
    (void)commit(std::move(tx));  // with the journal full it is tried again by the next worker
}

}  // namespace ion
