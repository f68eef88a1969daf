// SPDX-License-Identifier: Apache-2.0
//
// RefusalLog: the last allocations that were refused.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "daemon/core/allocation_refusal.h"
#include "daemon/core/device.h"

namespace ion {

/// Bounded in memory and in work: a refusal looks at the sums that the state keeps of each client, never at buffers, and
/// that at most once a second, however many clients are refused, so that the holders of a refusal may be a second old. Not in the journal: a new worker begins with
/// an empty one.
class RefusalLog {
  public:
    static constexpr std::size_t kKept = 64;

    void note(const Device& device, ClientId client, const AllocationRequest& request, const Error& error,
              std::int64_t unix_seconds);

    /// Oldest first.
    [[nodiscard]] const std::deque<AllocationRefusal>& last() const { return last_; }

    /// How often each errno was answered.
    [[nodiscard]] const std::map<int, std::uint64_t>& totals() const { return totals_; }

  private:
    std::deque<AllocationRefusal> last_;
    std::map<int, std::uint64_t> totals_;
    std::uint64_t count_ = 0;
    struct Holdings {
        std::int32_t pid = 0;
        std::string comm;
        std::uint32_t uid = 0;
        std::map<HeapId, std::uint64_t> bytes;
    };
    [[nodiscard]] std::vector<RefusalHolder> biggest_holders(std::uint32_t mask) const;

    std::vector<Holdings> clients_;  // with memory, as of clients_from_
    std::int64_t clients_from_ = 0;  // in seconds
};

}  // namespace ion
