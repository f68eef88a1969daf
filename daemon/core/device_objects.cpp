// SPDX-License-Identifier: Apache-2.0
//
// Device: what a client can do to its objects. The rules are those of docs/abi.md, "Objects".

#include <limits>
#include <string>

#include "daemon/base/checked_math.h"
#include "daemon/core/device.h"

namespace ion {

ClientId Device::open_client(Transaction& tx, const Opener& opener) const {
    const ClientId id{state_.counters().next_client};
    tx.records.emplace_back(ClientOpened{id, opener.pid, state_.next_serial(opener.pid), opener.comm,
                                         opener.uid, opener.gid, opener.open_flags});
    if (!opener.cgroup.empty()) {
        tx.records.emplace_back(ClientCgroup{id, opener.cgroup});
    }
    return id;
}

Result<void> Device::close_client(Transaction& tx, ClientId client) const {
    if (state_.client(client) == nullptr) {
        return fail(EBADF, "no such client");
    }
    tx.records.emplace_back(ClientClosed{client});
    return {};
}

Result<BufferId> Device::allocate(Transaction& tx, ClientId client, const AllocationRequest& request) {
    const Client* caller = state_.client(client);
    const auto size = checked_round_up(request.length, kPageSize);
    if (caller == nullptr || !size || *size == 0) {
        return fail(EINVAL, "bad length");
    }
    Error last{ENODEV, request.secure ? "no heap in the mask protects content" : "no heap in the mask"};
    for (const RegisteredHeap* heap : heaps_.matching(request.heap_mask, request.order)) {
        if (request.secure && !heap->heap->protects_content()) {
            continue;
        }
        if (request.secure) {
            look_for_users(heap->id);
        }
        auto backing = heap->heap->allocate(HeapRequest{*size, request.align, request.flags});
        if (!backing) {
            last = backing.error();
            last.context = heap->name + ": " + last.context;
            continue;
        }
        const Memory& memory = (*backing)->memory();
        const auto placement = (*backing)->placement();
        const BufferId id = state_.next_buffer();
        tx.records.emplace_back(BufferCreated{id,
                                              heap->id,
                                              *size,
                                              request.align,
                                              request.flags,
                                              memory.kind(),
                                              memory.fd(),
                                              memory.id(),
                                              {placement.begin(), placement.end()},
                                              request.owned ? client : ClientId{},
                                              caller->opened.pid,
                                              caller->opened.comm});
        tx.records.emplace_back(BufferOrigin{id, tx.unix_ms, client, caller->opened.pid, caller->opened.comm,
                                             caller->opened.uid, caller->cgroup});
        tx.backings.push_back(*std::move(backing));
        return id;
    }
    return last;
}

HandleId Device::add_handle(Transaction& tx, ClientId client, BufferId buffer) const {
    const HandleId handle = state_.client(client)->handles.next();
    tx.records.emplace_back(HandleAdded{client, handle, buffer});
    return handle;
}

Result<BufferId> Device::lookup(ClientId client, std::uint64_t handle) const {
    const Client* caller = state_.client(client);
    const Handle* found = nullptr;
    if (caller != nullptr && handle <= std::numeric_limits<std::uint32_t>::max()) {
        found = caller->handles.find(HandleId{static_cast<std::uint32_t>(handle)});
    }
    if (found == nullptr) {
        return fail(EINVAL, "not a handle of this client");
    }
    return found->buffer;
}

Result<void> Device::free(Transaction& tx, ClientId client, std::uint64_t handle) const {
    if (auto found = lookup(client, handle); !found) {
        return found.error();
    }
    tx.records.emplace_back(HandleReferenced{client, HandleId{static_cast<std::uint32_t>(handle)}, -1});
    return {};
}

Result<HandleId> Device::import(Transaction& tx, ClientId client, FileId file) const {
    const Client* caller = state_.client(client);
    const auto buffer = state_.buffer_of(file);
    if (caller == nullptr || !buffer) {
        return fail(EINVAL, "not one of our buffers");
    }
    const HandleId known = caller->handles.of(*buffer);
    if (known.value == 0) {
        return add_handle(tx, client, *buffer);
    }
    if (caller->handles.find(known)->references == HandleTable::kMaxReferences) {
        return fail(EOVERFLOW, "too many references");
    }
    tx.records.emplace_back(HandleReferenced{client, known, +1});
    return known;
}

}  // namespace ion
