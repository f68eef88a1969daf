// SPDX-License-Identifier: Apache-2.0

#include "daemon/loop/loop_door.h"

#include <sys/eventfd.h>

#include <future>
#include <utility>

namespace ion {

Result<std::unique_ptr<LoopDoor>> LoopDoor::create(EventLoop& loop) {
    UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event) {
        return fail_errno(errno, "eventfd");
    }
    std::unique_ptr<LoopDoor> door(new LoopDoor(std::move(event)));
    door->watch_ = loop.on_readable(door->event_.get(), [self = door.get()] { self->open(); });
    return door;
}

void LoopDoor::post(std::function<void()> work) {
    bool first = false;
    {
        const std::scoped_lock lock(mutex_);
        first = waiting_.empty();
        waiting_.push_back(std::move(work));
    }
    if (first) {
        ::eventfd_write(event_.get(), 1);
    }
}

void LoopDoor::run(const std::function<void()>& work) {
    std::promise<void> done;
    post([&] {
        work();
        done.set_value();
    });
    done.get_future().wait();
}

void LoopDoor::open() {
    eventfd_t count = 0;
    ::eventfd_read(event_.get(), &count);
    std::vector<std::function<void()>> works;
    {
        const std::scoped_lock lock(mutex_);
        works.swap(waiting_);
    }
    for (const auto& work : works) {
        work();
    }
}

}  // namespace ion
