// SPDX-License-Identifier: Apache-2.0
//
// Device: content protection of heaps, and what must be known of their users for it.

#include <utility>

#include "daemon/core/device.h"

namespace ion {

void Device::look_for_users(HeapId heap) {
    auto next = mapped_.lower_bound({heap, BufferId{}});
    while (next != mapped_.end() && next->first == heap) {
        const BufferId buffer = next->second;
        ++next;  // looking may remove it
        look(buffer);
        if (mapped_.contains({heap, buffer})) {
            return;
        }
    }
}

Result<void> Device::secure(HeapId id) {
    const RegisteredHeap* heap = heaps_.find(id);
    if (heap == nullptr) {
        return fail(EINVAL, "no such heap");
    }
    look_for_users(id);
    if (auto done = heap->heap->secure(); !done) {
        return done;
    }
    auto durable = commit_one(HeapSecured{id, state_.protections(id) + 1});
    if (!durable) {
        (void)heap->heap->unsecure();
    }
    return durable;
}

Result<void> Device::unsecure(HeapId id) {
    const RegisteredHeap* heap = heaps_.find(id);
    const std::uint32_t count = state_.protections(id);
    if (heap == nullptr || count == 0) {
        return {};
    }
    if (auto durable = commit_one(HeapSecured{id, count - 1}); !durable) {
        return durable;
    }
    return heap->heap->unsecure();
}

/// Before any buffer is back: while one is seen by programs, a heap cannot be protected.
void Device::secure_again(std::vector<std::string>& lost) {
    for (const RegisteredHeap& heap : heaps_.all()) {
        for (std::uint32_t count = state_.protections(heap.id); count != 0; --count) {
            if (auto done = heap.heap->secure(); !done) {
                lost.push_back("protection of heap " + heap.name + ": " + done.error().context);
            }
        }
    }
}

Result<void> Device::commit_one(Record record) {
    Transaction tx;
    tx.records.push_back(std::move(record));
    return commit(std::move(tx));
}

}  // namespace ion
