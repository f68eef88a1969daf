// SPDX-License-Identifier: Apache-2.0
//
// Reaper: finds out when nobody outside has an unreferenced buffer open or mapped any more, and releases it.
//
// A memfd announces its last close or unmapping (inotify), which is then confirmed. A dma-buf does not, so it
// is looked at, in turn and within a budget.

#pragma once

#include <chrono>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "daemon/core/device.h"
#include "daemon/loop/event_loop.h"

namespace ion {

/// The loop thread only; device and loop outlive it.
class Reaper {
  public:
    /// How often, each 50 ms, a memfd is looked at whose end may just have come.
    static constexpr int kLooksAtAnEnd = 20;

    Reaper(Device& device, EventLoop& loop);

    /// Takes up what became unreferenced since the last call. After every loop turn.
    void turn();

    /// Looks at everything unreferenced now, because memory is short; at most once per 10 ms.
    void sweep();

  private:
    void consider(BufferId buffer);
    void watch(BufferId buffer);
    void look_again(BufferId buffer);
    void announced();
    void look_at_ends();
    void look_at_some();

    Device& device_;
    EventLoop& loop_;
    UniqueFd inotify_;
    Watch inotify_watch_;
    Watch timer_;
    std::unordered_map<int, BufferId> by_watch_;  // inotify watch -> buffer
    std::unordered_map<BufferId, int> watch_of_;
    std::deque<BufferId> ends_;                     // busy, but their end may have come
    std::unordered_map<BufferId, int> looks_left_;  // of what is in ends_
    std::deque<BufferId> looked_at_in_turn_;
    std::unordered_set<BufferId> in_turn_;  // what is in the queue
    std::chrono::steady_clock::time_point last_sweep_;
};

}  // namespace ion
