// SPDX-License-Identifier: Apache-2.0
//
// DeviceHandler: what serves /dev/ion, whichever transport brings its requests.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "daemon/journal/request_slots.h"
#include "daemon/transport/turn_queue.h"

namespace ion {

/// Who made a request. `pid` is the calling thread's id; 0 when it is not visible from here.
struct RequestCaller {
    std::int32_t pid = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
};

struct IoctlRequest {
    std::uint64_t file = 0;  ///< as given in the answer to OPEN
    std::uint32_t command = 0;
    std::uint64_t argument = 0;        ///< address in the caller
    bool compat = false;               ///< 32-bit caller
    std::span<const std::byte> input;  ///< lies in the request's slot
};

/// Each call finishes its slot by FuseSession::send(), now or later.
class DeviceHandler {
  public:
    DeviceHandler() = default;
    DeviceHandler(const DeviceHandler&) = delete;
    DeviceHandler& operator=(const DeviceHandler&) = delete;
    virtual ~DeviceHandler() = default;

    virtual void open(SlotIndex slot, const RequestCaller& caller, std::uint32_t flags) = 0;
    virtual void release(SlotIndex slot, std::uint64_t file) = 0;
    virtual void ioctl(SlotIndex slot, const RequestCaller& caller, const IoctlRequest& request) = 0;

    /// The caller of a request that is in progress has got a signal.
    virtual void interrupted(SlotIndex slot) = 0;

    /// Whose requests those of an open file are, for FuseSession::set_owners().
    [[nodiscard]] virtual TurnOwner owner_of(std::uint64_t file) const = 0;

    /// The kernel has accepted INIT: the device or mount is there.
    virtual void transport_ready() = 0;
};

}  // namespace ion
