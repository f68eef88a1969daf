// SPDX-License-Identifier: Apache-2.0
//
// IonService: what fault rules see of a request, and the answer of one that is to fail.

#include <algorithm>

#include "daemon/service/service_context.h"

namespace ion {

namespace {

template <typename... Types>
bool is_one_of(const abi::Request& request) {
    return (std::holds_alternative<Types>(request) || ...);
}

const abi::Alloc* allocation_of(const abi::Request& request) {
    const auto* by_channel = std::get_if<abi::ChannelAlloc>(&request);
    return by_channel != nullptr ? &by_channel->alloc : std::get_if<abi::Alloc>(&request);
}

/// How libion asks which generation it has met: no command of a program.
bool is_probe(const abi::Request& request) {
    const auto* free = std::get_if<abi::Free>(&request);
    return free != nullptr && free->handle == 0;
}

FaultCommand command_of(const abi::Request& request) {
    if (std::holds_alternative<abi::Free>(request)) {
        return FaultCommand::kFree;
    }
    if (is_one_of<abi::Share, abi::ChannelShare>(request)) {
        return FaultCommand::kShare;
    }
    if (std::holds_alternative<abi::Import>(request)) {
        return FaultCommand::kImport;
    }
    if (is_one_of<abi::Sync, abi::CacheMaintenance>(request)) {
        return FaultCommand::kSync;
    }
    if (std::holds_alternative<abi::Custom>(request)) {
        return FaultCommand::kCustom;
    }
    return std::holds_alternative<abi::HeapQuery>(request) ? FaultCommand::kQuery : FaultCommand::kAny;
}

}  // namespace

std::optional<FaultSubject> IonService::fault_subject(const abi::Decoded& decoded) const {
    const abi::Request& request = decoded.request;
    if (is_probe(request) || std::holds_alternative<abi::ChannelOpen>(request)) {
        return std::nullopt;
    }
    if (const abi::Alloc* alloc = allocation_of(request)) {
        return FaultSubject{FaultCommand::kAlloc, asked(*alloc).heap_mask};
    }
    return FaultSubject{command_of(request), 0};
}

const Fault* IonService::whole_call(const CallerFacts& facts) {
    const auto found = std::ranges::find(facts.faults, Fault::kWholeCall, &Fault::heap);
    return found == facts.faults.end() ? nullptr : &*found;
}

Outcome IonService::fail_by(const Context& c, const Fault& fault) const {
    if (const abi::Alloc* alloc = allocation_of(c.request.request)) {
        return Answer{
            fault.error, {}, RefusedAllocation{asked(*alloc), fail(fault.error, "fault " + fault.rule)}};
    }
    if (std::holds_alternative<abi::Import>(c.request.request)) {
        return fail_import(c, fault.error);
    }
    return error_answer(fault.error);
}

}  // namespace ion
