// SPDX-License-Identifier: Apache-2.0
//
// IonService: runs one decoded request for one client on the model. Pure: what it must know of the caller's
// process it asks for, and is called again with the answer.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/abi/request.h"
#include "daemon/config/config.h"
#include "daemon/core/device.h"
#include "daemon/core/faults.h"

namespace ion {

/// What was found out about the caller, as asked for; and what is to fail, from the beginning.
struct CallerFacts {
    struct Identity {
        int error = 0;  ///< 0, or the errno for a descriptor that is not there
        FileId file;
        BufferId next{UINT64_MAX};  ///< see State::buffer_seen
    };
    std::optional<Identity> identity;  ///< of the descriptor that the request names
    std::optional<int> range_error;    ///< 0 = the range lies inside one mapping, else an errno
    std::optional<int> write_error;    ///< 0 = written, else an errno
    std::vector<Fault> faults{};       ///< of the call, or of heaps that it asks
};

/// Which object is descriptor `fd` of the caller?
struct NeedIdentity {
    std::int32_t fd = -1;
};
/// Does the range lie inside one mapping of the caller?
struct NeedRangeCheck {
    std::uint64_t address = 0;
    std::uint64_t length = 0;
};
/// Write this into the caller's memory.
struct NeedWrite {
    std::uint64_t address = 0;
    std::vector<std::byte> bytes;
};
/// An allocation that no heap could serve.
struct RefusedAllocation {
    AllocationRequest request;
    Error error;
};
/// The ioctl's result. The struct is written back when there are outputs, also with an error.
struct Answer {
    int error = 0;  ///< positive errno, or 0
    abi::Outputs outputs;
    std::optional<RefusedAllocation> refused{};  ///< set when this answers an allocation that failed
};
/// The ioctl hands a buffer over; its result is known when that is done.
struct HandOver {
    BufferId buffer;
    bool failure_writes_errno = false;  ///< B SHARE: on failure the struct holds -errno in fd as well
};
/// As HandOver, through the caller's channel.
struct SendByChannel {
    BufferId buffer;
};
/// CUSTOM with an inner number that the service does not know: a driver may.
struct AskDriver {
    std::uint32_t number = 0;
    std::uint64_t argument = 0;  ///< address in the caller
};
/// The caller's end of a socket pair is to be taken over as its channel.
struct OpenChannel {
    std::int32_t fd = -1;
};

using Outcome = std::variant<NeedIdentity, NeedRangeCheck, NeedWrite, Answer, HandOver, SendByChannel,
                             OpenChannel, AskDriver>;

/// The loop thread only; the device outlives it.
class IonService {
  public:
    IonService(Device& device, Personality personality) : device_(device), personality_(personality) {}

    /// One step of `request` by `client`; changes are staged in `tx`. An outcome that asks for a fact is
    /// not the end: drop `tx` and serve the request again with the fact, or leave it.
    [[nodiscard]] Outcome serve(Transaction& tx, ClientId client, const abi::Decoded& request,
                                const CallerFacts& facts) const;

    /// The errno for a command that decode() refused with `error`: kernels from 4.12 on refuse any struct larger
    /// than theirs (24 bytes) before they look at the number.
    [[nodiscard]] int refusal(ClientId client, std::uint32_t command, int error) const;

    /// What fault rules are to be asked about the request; nothing for what only libion itself asks.
    [[nodiscard]] std::optional<FaultSubject> fault_subject(const abi::Decoded& request) const;

    /// The fault that the whole call is to fail by, or null.
    [[nodiscard]] static const Fault* whole_call(const CallerFacts& facts);

    /// True when the request may end in a HandOver, so that an injector must be at hand before it is served.
    [[nodiscard]] static bool hands_over(const abi::Decoded& request);

  private:
    struct Context;

    Outcome on(Context& c, const abi::Alloc& request) const;
    Outcome on(Context& c, const abi::Free& request) const;
    Outcome on(Context& c, const abi::Share& request) const;
    Outcome on(Context& c, const abi::Import& request) const;
    Outcome on(Context& c, const abi::Custom& request) const;
    Outcome on(Context& c, const abi::Sync& request) const;
    Outcome on(Context& c, const abi::HeapQuery& request) const;
    Outcome on(Context& c, const abi::AbiVersion& request) const;
    Outcome on(Context& c, const abi::CacheMaintenance& request) const;
    Outcome on(Context& c, const abi::GetFlags& request) const;
    Outcome on(Context& c, const abi::Prefetch& request) const;
    Outcome on(Context& c, const abi::ChannelOpen& request) const;
    Outcome on(Context& c, const abi::ChannelAlloc& request) const;
    Outcome on(Context& c, const abi::ChannelShare& request) const;

    [[nodiscard]] AllocationRequest asked(const abi::Alloc& request) const;
    Outcome fail_import(const Context& c, int error) const;
    Outcome fail_by(const Context& c, const Fault& fault) const;
    Result<BufferId> shareable(Context& c, std::uint64_t handle) const;
    [[nodiscard]] int share_flags_error(Context& c, BufferId buffer) const;
    [[nodiscard]] HeapOrder heap_order() const;

    Device& device_;
    Personality personality_;
};

}  // namespace ion
