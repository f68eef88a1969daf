// SPDX-License-Identifier: Apache-2.0
//
// EventLoop: one thread's readable, timer and signal watches, on libevent.

#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "daemon/base/result.h"

struct event;
struct event_base;

namespace ion {

/// A watch that ends when it is destroyed. It must not outlive its loop.
class Watch {
  public:
    Watch() = default;
    Watch(Watch&&) noexcept = default;
    Watch& operator=(Watch&&) noexcept = default;

  private:
    friend class EventLoop;
    struct State;
    struct Deleter {
        void operator()(State* state) const;
    };
    std::unique_ptr<State, Deleter> state_;
};

class EventLoop {
  public:
    static Result<std::unique_ptr<EventLoop>> create();

    /// Calls `callback` while `fd` (borrowed) is readable or hung up.
    [[nodiscard]] Watch on_readable(int fd, std::function<void()> callback);

    /// Calls `callback` when `fd` (borrowed) has what poll() calls POLLPRI. Errors: those of epoll.
    [[nodiscard]] Result<Watch> on_priority(int fd, std::function<void()> callback);

    /// Calls `callback` once, in the next turn: what waits for other descriptors has its turn in between.
    [[nodiscard]] Watch soon(std::function<void()> callback);

    /// Calls `callback` every `interval`.
    [[nodiscard]] Watch every(std::chrono::milliseconds interval, std::function<void()> callback);

    /// Calls `callback` on the loop when the process gets signal `number`.
    [[nodiscard]] Watch on_signal(int number, std::function<void()> callback);

    /// Runs until stop(). `after_turn` is called after each round of callbacks.
    void run(const std::function<void()>& after_turn);

    void stop() { stopping_ = true; }

  private:
    /// A watch that waits for nothing yet.
    Watch idle_watch(int fd, short what, std::function<void()> callback);

    struct BaseDeleter {
        void operator()(event_base* base) const;
    };
    explicit EventLoop(event_base* base) : base_(base) {}
    Watch watch(int fd, short what, const std::chrono::milliseconds* interval,
                std::function<void()> callback);

    std::unique_ptr<event_base, BaseDeleter> base_;
    bool stopping_ = false;
};

}  // namespace ion
