// SPDX-License-Identifier: Apache-2.0
//
// CallRunner: what fault rules do to a call before it is served.

#include <chrono>

#include "daemon/transport/fuse_session.h"
#include "daemon/worker/call_runner.h"

namespace ion {

namespace {

/// A delayed call keeps its slot; others must find one.
constexpr std::size_t kMostDelayed = kSlotsOf[static_cast<std::size_t>(SessionId::kDevice)] / 2;

}  // namespace

/// True when the call goes on later.
bool CallRunner::delayed_by_fault(SlotIndex slot, const abi::Decoded& decoded) {
    OngoingCall& call = calls_.at(slot);
    if (std::exchange(call.judged, true)) {
        return false;
    }
    const auto subject = parts_.service.fault_subject(decoded);
    if (!subject) {
        return false;
    }
    FaultVerdict verdict = parts_.faults.judge(ClientId{call.request.file}, *subject);
    call.facts.faults = std::move(verdict.faults);
    if (verdict.delay_ms == 0 || delayed_.size() >= kMostDelayed) {
        return false;
    }
    session_->gives_way(slot);
    delayed_[slot] =
        parts_.loop.every(std::chrono::milliseconds(verdict.delay_ms), [this, slot] { end_delay(slot); });
    return true;
}

void CallRunner::end_delay(SlotIndex slot) {
    if (delayed_.erase(slot) != 0) {
        step(slot);
    }
}

}  // namespace ion
