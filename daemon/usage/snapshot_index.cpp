// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/snapshot_index.h"

#include <algorithm>
#include <set>
#include <vector>

namespace ion {
namespace {

/// Binary search: a snapshot's lists are in ascending order of their ids.
template <typename Item, typename Id>
const Item* find_by_id(const std::vector<Item>& items, Id id) {
    const auto found = std::ranges::lower_bound(items, id, {}, &Item::id);
    return found != items.end() && found->id == id ? &*found : nullptr;
}

}  // namespace

const HeapFigures* find_heap(const Snapshot& snapshot, HeapId id) {
    return find_by_id(snapshot.heaps, id);
}

const ClientUsage* find_client(const Snapshot& snapshot, ClientId id) {
    return find_by_id(snapshot.clients, id);
}

const BufferUsage* find_buffer(const Snapshot& snapshot, BufferId id) {
    return find_by_id(snapshot.buffers, id);
}

const BufferDetails* find_details(const Snapshot& snapshot, BufferId id) {
    const auto found = std::ranges::lower_bound(snapshot.details, id, {},
                                                [](const BufferDetails& one) { return one.usage.id; });
    return found != snapshot.details.end() && found->usage.id == id ? &*found : nullptr;
}

std::map<HeapId, std::uint64_t> bytes_by_heap(const Snapshot& snapshot, const ClientUsage& client) {
    std::map<HeapId, std::uint64_t> bytes;
    std::set<BufferId> counted;
    for (const HandleUsage& handle : client.handles) {
        const BufferUsage* buffer = find_buffer(snapshot, handle.buffer);
        if (buffer != nullptr && counted.insert(handle.buffer).second) {
            bytes[buffer->heap] += buffer->size;
        }
    }
    return bytes;
}

std::string display_name(const ClientUsage& client) {
    return client.name + "-" + std::to_string(client.serial);
}

}  // namespace ion
