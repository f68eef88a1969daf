// SPDX-License-Identifier: Apache-2.0
//
// Faults: decides for each call what the rules do to it, and counts.

#pragma once

#include <vector>

#include "daemon/core/device.h"
#include "daemon/core/fault_rule.h"

namespace ion {

/// A call as rules see it.
struct FaultSubject {
    FaultCommand command = FaultCommand::kAny;
    std::uint32_t heap_mask = 0;  ///< of an allocation
};

/// What the rules do to one call.
struct FaultVerdict {
    std::vector<Fault> faults;  ///< the first for the whole call, and the first for each heap, counts
    std::uint32_t delay_ms = 0;
};

/// The loop thread only; the device outlives it.
///
/// Counts are committed, so they go on with the next worker. A call that a worker was killed during is made again by
/// the next one, and counts again.
class Faults {
  public:
    explicit Faults(Device& device) : device_(device) {}

    /// Replaces the rules. One that was there before, just so, goes on counting; all others begin at 0.
    void set(std::vector<FaultRule> rules);

    /// To be asked once for each call: every rule that is about it counts it. All of them that hit have their effect;
    /// of several delays the longest.
    [[nodiscard]] FaultVerdict judge(ClientId client, const FaultSubject& subject);

    /// In the rules' order.
    [[nodiscard]] std::vector<FaultFigures> figures() const;

  private:
    void note(const std::string& rule, const FaultCount& count);

    Device& device_;
    std::vector<FaultRule> rules_;
};

}  // namespace ion
