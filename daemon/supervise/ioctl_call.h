// SPDX-License-Identifier: Apache-2.0
//
// IoctlCall: one ioctl of a client, from its arguments to its result.

#pragma once

#include <optional>
#include <vector>

#include "daemon/abi/request.h"
#include "daemon/loop/loop_door.h"
#include "daemon/supervise/caller.h"
#include "daemon/supervise/model.h"

namespace ion {

/// Used by the thread that serves the call, and by none else; the model is asked through the door. References
/// outlive it.
class IoctlCall {
  public:
    IoctlCall(const Listener& listener, const Notification& call, LoopDoor& door, Model& model,
              ClientId client);

    /// Does everything but to send the answer. The result of the ioctl: 0 or a positive errno.
    [[nodiscard]] int serve();

  private:
    [[nodiscard]] abi::Call bytes() const { return {command_, call_.compat, argument_, input_, fetched_}; }
    void meet_faults(const abi::Decoded& decoded);
    bool read_input();
    bool fetch(const std::vector<abi::MemoryRange>& ranges);
    bool write_beside(const abi::Decoded& decoded);
    int serve(const abi::Decoded& decoded);

    // For each verdict: the result of the call, or nothing when it is to be served again.
    std::optional<int> on(const abi::Decoded& decoded, const NeedIdentity& need);
    std::optional<int> on(const abi::Decoded& decoded, const NeedRangeCheck& need);
    std::optional<int> on(const abi::Decoded& decoded, const NeedWrite& need);
    std::optional<int> on(const abi::Decoded& decoded, const Answer& answer);
    std::optional<int> on(const abi::Decoded& decoded, Delivery& delivery);

    [[nodiscard]] int install(const abi::Decoded& decoded, const Delivery& delivery) const;

    const Listener& listener_;
    const Notification& call_;
    LoopDoor& door_;
    Model& model_;
    ClientId client_;
    Caller caller_;
    std::uint32_t command_;
    std::uint64_t argument_;
    std::vector<std::byte> input_;
    std::vector<abi::FetchedMemory> fetched_;
    CallerFacts facts_;
};

}  // namespace ion
