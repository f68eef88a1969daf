// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/kernel_client.h"

#include <algorithm>

#include "daemon/core/device_client.h"

namespace ion {

namespace {

constexpr std::size_t kMaxName = 63;  // as generation A's kernels

/// One word that can be the name of a file.
bool is_name(std::string_view name) {
    return !name.empty() && name.front() != '.' &&
           std::ranges::all_of(name, [](char byte) { return byte > ' ' && byte <= '~' && byte != '/'; });
}

}  // namespace

Result<std::unique_ptr<KernelClient>> KernelClients::client_create(std::string_view name,
                                                                   std::uint32_t type_mask) {
    if (!is_name(name)) {
        return fail(EINVAL, "a client's name is one word of ASCII without '/', and begins with no dot");
    }
    const std::string cut(name.substr(0, kMaxName));
    const ClientId id{device_.state().counters().next_client};
    Transaction tx;
    tx.records.emplace_back(KernelClientOpened{id, device_.state().next_serial(cut), cut});
    if (auto durable = device_.commit(std::move(tx)); !durable) {
        return durable.error();
    }
    return std::unique_ptr<KernelClient>(
        std::make_unique<DeviceClient>(device_, id, type_mask, generation_a_));
}

Result<void> KernelClients::secure_heap(std::uint32_t heap_mask) {
    for (const RegisteredHeap* heap : device_.heaps().matching(heap_mask, HeapOrder::kDescending)) {
        if (heap->heap->protects_content()) {
            if (auto done = device_.secure(heap->id); !done) {
                return done;
            }
        }
    }
    return {};
}

Result<void> KernelClients::unsecure_heap(std::uint32_t heap_mask) {
    for (const RegisteredHeap* heap : device_.heaps().matching(heap_mask, HeapOrder::kDescending)) {
        if (heap->heap->protects_content()) {
            if (auto done = device_.unsecure(heap->id); !done) {
                return done;
            }
        }
    }
    return {};
}

std::uint32_t KernelClients::protections(std::uint32_t heap_id) const {
    return device_.state().protections(HeapId{heap_id});
}

std::vector<Record> KernelClients::close_former(const State& former) {
    std::vector<Record> records;
    for (const auto& [id, client] : former.clients()) {
        if (!client.kernel_name.empty()) {
            records.emplace_back(ClientClosed{id});
        }
    }
    return records;
}

}  // namespace ion
