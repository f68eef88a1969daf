// SPDX-License-Identifier: Apache-2.0
//
// Device: what a client can do to its objects. The rules are those of docs/abi.md, "Objects".

#include <algorithm>
#include <limits>
#include <string>

#include "daemon/base/checked_math.h"
#include "daemon/core/device.h"
#include "daemon/core/limit_check.h"

namespace ion {

namespace {

/// Of a buffer that is there, or that the transaction makes.
HeapId heap_of(const Transaction& tx, const State& state, BufferId id) {
    if (const Buffer* buffer = state.buffer(id)) {
        return buffer->made.heap;
    }
    for (const Record& record : tx.records) {
        const auto* made = std::get_if<BufferCreated>(&record);
        if (made != nullptr && made->buffer == id) {
            return made->heap;
        }
    }
    return HeapId{UINT32_MAX};
}

}  // namespace

ClientId Device::open_client(Transaction& tx, const Opener& opener) const {
    const ClientId id{state_.counters().next_client};
    tx.records.emplace_back(ClientOpened{id, opener.pid, state_.next_serial(opener.pid), opener.comm,
                                         opener.uid, opener.gid, opener.open_flags});
    if (!opener.cgroup.empty()) {
        tx.records.emplace_back(ClientCgroup{id, opener.cgroup});
    }
    if (!opener.gids.empty()) {
        tx.records.emplace_back(ClientGroups{id, opener.gids});
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

/// Drivers are part of the daemon: nothing is refused to them.
Result<void> Device::may_have(const Client& client, const Amounts& more) const {
    return client.kernel_name.empty() ? check_limits(limits_, state_.charges(), payer_of(client), more)
                                      : Result<void>();
}

Result<void> Device::may_use(const Client& client, const RegisteredHeap& heap, const Amounts& more) const {
    if (!client.kernel_name.empty()) {
        return {};
    }
    if (!may_allocate(heap.rules.access, {client.opened.uid, client.opened.gid, client.gids})) {
        return fail(EACCES, "uid " + std::to_string(client.opened.uid) + " may not allocate from it");
    }
    return check_heap_limits(heap.rules.limits, state_.charges(), payer_of(client), heap.id, more);
}

Result<void> Device::may_try(const Client& client, const RegisteredHeap& heap, const Amounts& more,
                             const AllocationRequest& request) const {
    const auto fault = std::ranges::find(request.faults, heap.id, &Fault::heap);
    return fault == request.faults.end() ? may_use(client, heap, more)
                                         : fail(fault->error, "fault " + fault->rule);
}

Result<BufferId> Device::allocate(Transaction& tx, ClientId client, const AllocationRequest& request) {
    const Client* caller = state_.client(client);
    const auto size = checked_round_up(request.length, kPageSize);
    if (caller == nullptr || !size || *size == 0) {
        return fail(EINVAL, "bad length");
    }
    const Amounts more{.bytes = *size, .buffers = 1, .handles = 0};
    Error last{ENODEV, request.secure ? "no heap in the mask protects content" : "no heap in the mask"};
    for (const RegisteredHeap* heap : heaps_.matching(request.heap_mask, request.order)) {
        if (request.secure && !heap->heap->protects_content()) {
            continue;
        }
        if (*size > kMostBufferBytes) {
            return fail(ENOMEM, "more than a buffer may have");
        }
        if (auto allowed = may_have(*caller, more); !allowed) {
            return allowed.error();
        }
        if (request.secure) {
            look_for_users(heap->id);
        }
        const auto allowed = may_try(*caller, *heap, more, request);
        auto backing = allowed ? heap->heap->allocate(HeapRequest{*size, request.align, request.flags})
                               : allowed.error();
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

Result<HandleId> Device::add_handle(Transaction& tx, ClientId id, BufferId buffer) const {
    constexpr Amounts kOneHandle{.bytes = 0, .buffers = 0, .handles = 1};
    const Client& client = *state_.client(id);
    const RegisteredHeap* heap = heaps_.find(heap_of(tx, state_, buffer));
    if (auto allowed = may_have(client, kOneHandle); !allowed) {
        return allowed.error();
    }
    if (heap != nullptr && client.kernel_name.empty()) {
        if (auto allowed = check_heap_limits(heap->rules.limits, state_.charges(), payer_of(client), heap->id,
                                             kOneHandle);
            !allowed) {
            return allowed.error();
        }
    }
    const HandleId handle = client.handles.next();
    tx.records.emplace_back(HandleAdded{id, handle, buffer});
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
