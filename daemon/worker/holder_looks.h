// SPDX-License-Identifier: Apache-2.0
//
// HolderLooks: looks for buffers' holders in /proc on a thread beside the loop, and shares what the last one found.

#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "daemon/core/buffer_holders.h"
#include "daemon/loop/loop_door.h"

namespace ion {

/// The loop thread only. The thread lives for one look. In a worker, which ends by _exit, this is never destroyed.
class HolderLooks {
  public:
    using Clock = std::chrono::steady_clock;

    /// How old the result may be that is given out again.
    static constexpr std::chrono::milliseconds kMostAge{1000};
    /// How long anybody waits for a look.
    static constexpr std::chrono::milliseconds kPatience{2000};

    /// Answers what a look is to leave out, and whose descriptors tell names (holder_walk.h).
    struct Target {
        std::set<pid_t> without;
        pid_t named = 0;
    };

    /// The loop outlives it. Errors: those of eventfd.
    static Result<std::unique_ptr<HolderLooks>> create(EventLoop& loop, std::function<Target()> target);
    ~HolderLooks();

    /// What the last look found; null when there was none.
    [[nodiscard]] const std::shared_ptr<const BufferHolders>& last() const { return last_; }

    /// True when that began at most kMostAge ago.
    [[nodiscard]] bool fresh() const { return last_ != nullptr && Clock::now() - last_begun_ <= kMostAge; }

    /// Calls `done` when last() is fresh: at once, or after a look. After kPatience it is called all the same: a process
    /// may keep the look waiting.
    void when_fresh(std::function<void()> done);

  private:
    struct Waiting {
        Clock::time_point since;
        std::function<void()> done;
    };
    struct Look;

    HolderLooks(EventLoop& loop, std::unique_ptr<LoopDoor> door, std::function<Target()> target);
    void begin();
    void finished(Clock::time_point begun, std::shared_ptr<const BufferHolders> found);
    void answer_those_since(Clock::time_point latest);

    std::unique_ptr<LoopDoor> door_;
    std::function<Target()> target_;
    std::optional<pthread_t> thread_;  // of the look that is under way
    std::shared_ptr<const BufferHolders> last_;
    Clock::time_point last_begun_;
    std::vector<Waiting> waiting_;  // the longest first
    Watch impatience_;
};

}  // namespace ion
