// SPDX-License-Identifier: Apache-2.0
//
// CallThreads: the threads that serve trapped calls. One waits for the next call; while it serves that, another waits.
// So a call that never ends, because the caller's memory never answers, costs a thread and delays nobody.

#pragma once

#include <functional>
#include <mutex>

#include "daemon/supervise/listener.h"

namespace ion {

/// Its threads never end: they are left to the end of the process, which may have some of them wait for ever.
/// Listener and `serve` outlive them. They take no signals.
class CallThreads {
  public:
    CallThreads(Listener& listener, std::function<void(const Notification&)> serve)
        : listener_(listener), serve_(std::move(serve)) {}

    void start();

  private:
    void start_one();
    void run();

    Listener& listener_;
    std::function<void(const Notification&)> serve_;
    std::mutex mutex_;
    int threads_ = 0;  // guarded by mutex_, as is what follows
    int waiting_ = 0;  // for a call, or for their turn to wait for it
};

}  // namespace ion
