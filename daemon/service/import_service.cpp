// SPDX-License-Identifier: Apache-2.0
//
// IonService: requests that name a descriptor or a memory range of the caller.

#include "daemon/base/checked_math.h"
#include "daemon/service/service_context.h"

namespace ion {

namespace {

/// O_DSYNC of open(2) on x86 and arm64; O_SYNC contains it.
constexpr std::uint32_t kOpenDsync = 0x1000;

/// Errno for a descriptor that does not lead to one of our buffers, else 0 and the buffer.
struct Lookup {
    int error = 0;
    BufferId buffer;
};

Lookup find_buffer(const Device& device, const CallerFacts::Identity& identity) {
    if (identity.error != 0) {
        return {identity.error, {}};
    }
    const auto buffer = device.state().buffer_seen(identity.file, identity.next);
    return buffer ? Lookup{0, *buffer} : Lookup{EINVAL, {}};
}

}  // namespace

Outcome IonService::fail_import(const Context& /*c*/, int error) const {
    // The first drivers of generation A returned success and a NULL handle.
    const int result = personality_ == Personality::kMsm34 ? 0 : error;
    return Answer{result, abi::Outputs{0, {}, {}}};
}

Outcome IonService::on(Context& c, const abi::Import& request) const {
    if (!c.facts.identity) {
        return NeedIdentity{request.fd};
    }
    if (const int error = find_buffer(device_, *c.facts.identity).error; error != 0) {
        return fail_import(c, error);
    }
    auto handle = device_.import(c.tx, c.client, c.facts.identity->file);
    if (!handle) {
        return fail_import(c, handle.error().code);
    }
    return Answer{0, abi::Outputs{handle->value, {}, {}}};
}

Outcome IonService::on(Context& c, const abi::Sync& request) const {
    if (!c.facts.identity) {
        return NeedIdentity{request.fd};
    }
    return error_answer(find_buffer(device_, *c.facts.identity).error);
}

Outcome IonService::on(Context& c, const abi::CacheMaintenance& request) const {
    const bool by_fd = static_cast<std::int64_t>(request.handle) <= 0;
    const bool check_range = request.address != 0 || !request.null_address_allowed;
    const bool import_first = by_fd && request.import_before_range;
    if (import_first && !c.facts.identity) {
        return NeedIdentity{request.fd};
    }
    if (import_first && find_buffer(device_, *c.facts.identity).error != 0) {
        return error_answer(EINVAL);
    }
    if (check_range) {
        if (request.address == 0 || !checked_add(request.address, request.length)) {
            return error_answer(EINVAL);
        }
        if (!c.facts.range_error) {
            return NeedRangeCheck{request.address, request.length};
        }
        if (*c.facts.range_error != 0) {
            return error_answer(EINVAL);
        }
    }
    if (!by_fd) {
        auto buffer = device_.lookup(c.client, request.handle);
        return error_answer(buffer ? 0 : EINVAL);
    }
    if (!c.facts.identity) {
        return NeedIdentity{request.fd};
    }
    // x86 and the exporters' shared pages are coherent: what remains of the operation are its checks.
    return error_answer(find_buffer(device_, *c.facts.identity).error == 0 ? 0 : EINVAL);
}

int IonService::share_flags_error(Context& c, BufferId id) const {
    if (personality_ != Personality::kMsm34) {
        return 0;
    }
    const Buffer* buffer = device_.state().buffer(id);
    const std::uint32_t wanted = (c.state.opened.open_flags & kOpenDsync) != 0 ? 0 : kFlagCached;
    if ((buffer->made.flags & kFlagCached) == wanted) {
        return 0;
    }
    // The driver asks for mappings; from outside an open descriptor and a mapping look the same.
    const Backing* backing = device_.backing(id);  // null when it could not be restored
    const bool outside = buffer->exported && backing != nullptr && !backing->memory().idle();
    if (outside || device_.mapped_by_driver(id)) {
        return EEXIST;
    }
    c.tx.records.emplace_back(BufferFlagsSet{id, (buffer->made.flags & ~kFlagCached) | wanted});
    return 0;
}

}  // namespace ion
