// SPDX-License-Identifier: Apache-2.0

#include "daemon/loop/event_loop.h"

#include <event2/event.h>
#include <sys/epoll.h>

#include <cerrno>
#include <utility>

#include "daemon/base/unique_fd.h"

namespace ion {

struct Watch::State {
    event* handle = nullptr;
    std::function<void()> callback;
    UniqueFd inner;  // of on_priority()
};

void Watch::Deleter::operator()(State* state) const {
    if (state->handle != nullptr) {
        event_free(state->handle);
    }
    delete state;
}

void EventLoop::BaseDeleter::operator()(event_base* base) const {
    event_base_free(base);
}

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
    event_base* base = event_base_new();
    if (base == nullptr) {
        return fail(ENOMEM, "event_base_new");
    }
    return std::unique_ptr<EventLoop>(new EventLoop(base));
}

Watch EventLoop::idle_watch(int fd, short what, std::function<void()> callback) {
    Watch result;
    result.state_.reset(new Watch::State{nullptr, std::move(callback), {}});
    result.state_->handle = event_new(
        base_.get(), fd, what,
        [](evutil_socket_t, short, void* context) {
            // A callback may destroy its own watch, so it is called on a copy.
            const auto call = static_cast<Watch::State*>(context)->callback;
            call();
        },
        result.state_.get());
    return result;
}

Watch EventLoop::watch(int fd, short what, const std::chrono::milliseconds* interval,
                       std::function<void()> callback) {
    Watch result = idle_watch(fd, what, std::move(callback));
    timeval period{};
    if (interval != nullptr) {
        period.tv_sec = interval->count() / 1000;
        period.tv_usec = interval->count() % 1000 * 1000;
    }
    event_add(result.state_->handle, interval == nullptr ? nullptr : &period);
    return result;
}

/// libevent knows no priority; an epoll instance that does is readable while it has an event.
Result<Watch> EventLoop::on_priority(int fd, std::function<void()> callback) {
    UniqueFd inner(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event wanted{};
    wanted.events = EPOLLPRI;
    if (!inner || ::epoll_ctl(inner.get(), EPOLL_CTL_ADD, fd, &wanted) != 0) {
        return fail_errno(errno, "epoll");
    }
    Watch result = on_readable(inner.get(), std::move(callback));
    result.state_->inner = std::move(inner);
    return result;
}

Watch EventLoop::soon(std::function<void()> callback) {
    Watch result = idle_watch(-1, 0, std::move(callback));
    event_active(result.state_->handle, EV_TIMEOUT, 1);
    return result;
}

Watch EventLoop::on_readable(int fd, std::function<void()> callback) {
    return watch(fd, EV_READ | EV_PERSIST, nullptr, std::move(callback));
}

Watch EventLoop::every(std::chrono::milliseconds interval, std::function<void()> callback) {
    return watch(-1, EV_PERSIST, &interval, std::move(callback));
}

Watch EventLoop::on_signal(int number, std::function<void()> callback) {
    return watch(number, EV_SIGNAL | EV_PERSIST, nullptr, std::move(callback));
}

void EventLoop::run(const std::function<void()>& after_turn) {
    while (!stopping_) {
        if (event_base_loop(base_.get(), EVLOOP_ONCE) != 0) {
            return;
        }
        after_turn();
    }
}

}  // namespace ion
