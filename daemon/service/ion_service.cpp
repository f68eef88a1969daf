// SPDX-License-Identifier: Apache-2.0
//
// IonService: allocation, handles and queries.

#include "daemon/service/ion_service.h"

#include <limits>

#include "daemon/abi/decode.h"
#include "daemon/service/service_context.h"

namespace ion {

namespace {

/// "Modular heaps", the only value that kernels with this command have.
constexpr std::uint64_t kAbiVersion = 2;

/// Size of the largest struct of kernels from 4.12 on.
constexpr std::uint32_t kModernMaxSize = 24;

constexpr std::uint32_t size_bits(std::uint32_t command) {
    return command >> 16 & 0x3FFFU;
}

bool handle_based(const abi::Request& request) {
    if (const auto* alloc = std::get_if<abi::Alloc>(&request)) {
        return !alloc->returns_fd;
    }
    return std::holds_alternative<abi::Free>(request) || std::holds_alternative<abi::Share>(request) ||
           std::holds_alternative<abi::Import>(request) || std::holds_alternative<abi::Sync>(request) ||
           std::holds_alternative<abi::Custom>(request) || std::holds_alternative<abi::GetFlags>(request) ||
           std::holds_alternative<abi::CacheMaintenance>(request);
}

Outcome refused(RefusedAllocation what) {
    const int code = what.error.code;
    return Answer{code, {}, std::move(what)};
}

}  // namespace

int IonService::refusal(ClientId id, std::uint32_t command, int error) const {
    const Client* client = device_.state().client(id);
    const bool modern = personality_ == Personality::kModern ||
                        (personality_ == Personality::kAuto && client != nullptr && !client->used_handles);
    return error == ENOTTY && modern && size_bits(command) > kModernMaxSize ? EINVAL : error;
}

bool IonService::hands_over(const abi::Decoded& request) {
    const auto* alloc = std::get_if<abi::Alloc>(&request.request);
    return std::holds_alternative<abi::Share>(request.request) || (alloc != nullptr && alloc->returns_fd);
}

Outcome IonService::serve(Transaction& tx, ClientId id, const abi::Decoded& request,
                          const CallerFacts& facts) const {
    const Client* client = device_.state().client(id);
    if (client == nullptr) {
        return error_answer(EBADF);
    }
    if (handle_based(request.request)) {
        const auto* free = std::get_if<abi::Free>(&request.request);
        const bool probe = free != nullptr && free->handle == 0;
        if (personality_ == Personality::kModern ||
            (personality_ == Personality::kAuto && probe && !client->used_handles)) {
            return error_answer(ENOTTY);
        }
        if (!probe && !client->used_handles) {
            tx.records.emplace_back(ClientUsedHandles{id});
        }
    }
    Context context{tx, id, *client, request, facts};
    if (const Fault* fault = whole_call(facts)) {
        return fail_by(context, *fault);
    }
    return std::visit([&](const auto& one) { return on(context, one); }, request.request);
}

HeapOrder IonService::heap_order() const {
    return personality_ == Personality::kMsm34 ? HeapOrder::kAscending : HeapOrder::kDescending;
}

AllocationRequest IonService::asked(const abi::Alloc& request) const {
    // In the one-word form cacheability is decided when the buffer is shared, so no flag is stored now.
    AllocationRequest wanted{.length = request.length,
                             .align = request.align,
                             .heap_mask = request.heap_mask,
                             .flags = request.one_flag_word ? 0 : request.flags,
                             .order = heap_order(),
                             .owned = request.returns_fd};
    if (request.one_flag_word || personality_ == Personality::kMsm34) {
        read_secure_bit(wanted);
    }
    return wanted;
}

Outcome IonService::on(Context& c, const abi::Alloc& request) const {
    AllocationRequest what = asked(request);
    what.faults = c.facts.faults;
    auto buffer = device_.allocate(c.tx, c.client, what);
    if (!buffer) {
        return refused({what, buffer.error()});
    }
    if (request.returns_fd) {
        return HandOver{*buffer};
    }
    auto handle = device_.add_handle(c.tx, c.client, *buffer);
    if (!handle) {
        return refused({what, handle.error()});
    }
    return Answer{0, abi::Outputs{handle->value, {}, {}}};
}

Outcome IonService::on(Context& c, const abi::Free& request) const {
    auto freed = device_.free(c.tx, c.client, request.handle);
    return error_answer(freed ? 0 : freed.error().code);
}

Result<BufferId> IonService::shareable(Context& c, std::uint64_t handle) const {
    auto buffer = device_.lookup(c.client, handle);
    if (!buffer) {
        return buffer.error();
    }
    if (const int error = share_flags_error(c, *buffer); error != 0) {
        return fail(error, "mapped the other way");
    }
    return buffer;
}

Outcome IonService::on(Context& c, const abi::Share& request) const {
    auto buffer = shareable(c, request.handle);
    return buffer ? Outcome(HandOver{*buffer, true}) : error_answer(buffer.error().code);
}

Outcome IonService::on(Context& c, const abi::GetFlags& request) const {
    auto buffer = device_.lookup(c.client, request.handle);
    if (!buffer) {
        return error_answer(buffer.error().code);
    }
    return Answer{0, abi::Outputs{{}, {}, device_.state().buffer(*buffer)->made.flags}};
}

Outcome IonService::on(Context& c, const abi::HeapQuery& request) const {
    if (request.reserved_set) {
        return error_answer(EINVAL);
    }
    const auto& heaps = device_.heaps().all();
    if (request.heaps == 0) {
        return Answer{0, abi::Outputs{{}, {}, heaps.size()}};
    }
    if (request.count == 0) {
        return error_answer(EINVAL);
    }
    // The kernel compares as signed numbers after it has written a record: a huge count yields one.
    const std::size_t wanted =
        request.count > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max()) ? 1
                                                                                             : request.count;
    std::vector<abi::HeapRecord> records;
    for (auto heap = heaps.rbegin(); heap != heaps.rend() && records.size() < wanted; ++heap) {
        records.push_back(abi::HeapRecord{heap->name, heap->type, heap->id.value});
    }
    if (!c.facts.write_error) {
        return NeedWrite{request.heaps, abi::encode_heap_records(records)};
    }
    if (*c.facts.write_error != 0) {
        return error_answer(EFAULT);
    }
    return Answer{0, abi::Outputs{{}, {}, records.size()}};
}

Outcome IonService::on(Context& /*c*/, const abi::AbiVersion& /*request*/) const {
    const bool has_it = personality_ == Personality::kAuto || personality_ == Personality::kModern;
    return has_it ? Outcome(Answer{0, abi::Outputs{{}, {}, kAbiVersion}}) : error_answer(ENOTTY);
}

/// The cache commands inside CUSTOM never get here (abi/decode).
Outcome IonService::on(Context& /*c*/, const abi::Custom& request) const {
    return AskDriver{request.command, request.argument};
}

/// They fill and drain pools of secure heaps. Without such a heap the kernel's walk finds nothing, and says so
/// to nobody.
Outcome IonService::on(Context& /*c*/, const abi::Prefetch& /*request*/) const {
    return Answer{};
}

Outcome IonService::on(Context& /*c*/, const abi::ChannelOpen& request) const {
    return OpenChannel{request.fd};
}

Outcome IonService::on(Context& c, const abi::ChannelAlloc& request) const {
    AllocationRequest what = asked(request.alloc);
    what.faults = c.facts.faults;
    auto buffer = device_.allocate(c.tx, c.client, what);
    return buffer ? Outcome(SendByChannel{*buffer}) : refused({what, buffer.error()});
}

Outcome IonService::on(Context& c, const abi::ChannelShare& request) const {
    auto buffer = shareable(c, request.handle);
    return buffer ? Outcome(SendByChannel{*buffer}) : error_answer(buffer.error().code);
}

}  // namespace ion
