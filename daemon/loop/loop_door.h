// SPDX-License-Identifier: Apache-2.0
//
// LoopDoor: how other threads have something done on the loop's thread.

#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "daemon/loop/event_loop.h"

namespace ion {

/// The loop outlives it.
class LoopDoor {
  public:
    /// Errors: those of eventfd.
    static Result<std::unique_ptr<LoopDoor>> create(EventLoop& loop);

    /// Has `work` done by the loop, after everything posted before it. Any thread.
    void post(std::function<void()> work);

    /// As post(), and waits until it is done. Any thread but the loop's.
    void run(const std::function<void()>& work);

  private:
    explicit LoopDoor(UniqueFd event) : event_(std::move(event)) {}
    void open();

    UniqueFd event_;
    Watch watch_;
    std::mutex mutex_;
    std::vector<std::function<void()>> waiting_;  // guarded by mutex_
};

}  // namespace ion
