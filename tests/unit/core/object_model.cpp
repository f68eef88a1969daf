// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/core/object_model.h"

#include <numeric>

namespace ion {

std::uint32_t ObjectModel::lowest_free(ClientId client) const {
    std::uint32_t number = 1;
    while (clients.at(client).handles.contains(number)) {
        ++number;
    }
    return number;
}

std::uint32_t ObjectModel::handle_of(ClientId client, BufferId buffer) const {
    for (const auto& [number, handle] : clients.at(client).handles) {
        if (handle.buffer == buffer) {
            return number;
        }
    }
    return 0;
}

void ObjectModel::add_handle(ClientId client, BufferId buffer) {
    clients.at(client).handles[lowest_free(client)] = {buffer, 1};
}

void ObjectModel::drop_reference(ClientId id, std::uint32_t number) {
    Client& client = clients.at(id);
    Handle& handle = client.handles.at(number);
    if (--handle.references == 0) {
        const BufferId buffer = handle.buffer;
        client.handles.erase(number);
        if (holders(buffer) == 0) {
            buffers.at(buffer).last_pid = client.pid;
        }
    }
}

void ObjectModel::close(ClientId id) {
    while (!clients.at(id).handles.empty()) {
        drop_reference(id, clients.at(id).handles.begin()->first);
    }
    clients.erase(id);
}

int ObjectModel::holders(BufferId buffer) const {
    int count = 0;
    for (const auto& [id, client] : clients) {
        count += handle_of(id, buffer) != 0 ? 1 : 0;
    }
    return count;
}

int ObjectModel::shown_holders(BufferId buffer) const {
    int count = 0;
    for (const auto& [id, client] : clients) {
        count += handle_of(id, buffer) != 0 || client.charged.contains(buffer) ? 1 : 0;
    }
    return count;
}

std::set<BufferId> ObjectModel::unreferenced() const {
    std::set<BufferId> found;
    for (const auto& [id, buffer] : buffers) {
        if (holders(id) == 0 && buffer.deliveries == 0) {
            found.insert(id);
        }
    }
    return found;
}

std::uint64_t ObjectModel::bytes() const {
    return std::accumulate(buffers.begin(), buffers.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& one) { return sum + one.second.size; });
}

std::string ObjectModel::difference(const Client& expected, const ClientUsage& shown) {
    std::set<BufferId> charged = expected.charged;
    for (const auto& [number, handle] : expected.handles) {
        charged.erase(handle.buffer);  // shown by its handle
    }
    if (shown.pid != expected.pid || shown.handles.size() != expected.handles.size() + charged.size()) {
        return "pid or number of handles";
    }
    for (const HandleUsage& usage : shown.handles) {
        if (usage.handle.value == 0) {
            if (usage.references != 0 || charged.erase(usage.buffer) != 1) {
                return "charged buffer " + std::to_string(usage.buffer.value);
            }
            continue;
        }
        const auto handle = expected.handles.find(usage.handle.value);
        if (handle == expected.handles.end() || handle->second.buffer != usage.buffer ||
            handle->second.references != usage.references) {
            return "handle " + std::to_string(usage.handle.value);
        }
    }
    return {};
}

std::string ObjectModel::difference(const Snapshot& snapshot) const {
    if (snapshot.clients.size() != clients.size() || snapshot.buffers.size() != buffers.size()) {
        return "number of clients or buffers";
    }
    for (const ClientUsage& shown : snapshot.clients) {
        const auto client = clients.find(shown.id);
        const std::string found = client == clients.end() ? "unknown" : difference(client->second, shown);
        if (!found.empty()) {
            return "client " + std::to_string(shown.id.value) + ": " + found;
        }
    }
    std::uint64_t heap_bytes = 0;
    for (const HeapFigures& heap : snapshot.heaps) {
        heap_bytes += heap.usage.allocated;
    }
    for (const BufferUsage& shown : snapshot.buffers) {
        const auto buffer = buffers.find(shown.id);
        if (buffer == buffers.end() || shown.size != buffer->second.size ||
            shown.flags != buffer->second.flags || shown.last_pid != buffer->second.last_pid ||
            static_cast<int>(shown.holders) != shown_holders(shown.id)) {
            return "buffer " + std::to_string(shown.id.value);
        }
    }
    return heap_bytes == bytes() ? "" : "bytes allocated in the heaps";
}

}  // namespace ion
