// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/holder_looks.h"

#include <csignal>
#include <cstring>
#include <utility>

#include "daemon/base/log.h"
#include "daemon/host/holder_walk.h"

namespace ion {
namespace {

constexpr std::chrono::milliseconds kImpatienceCheck{250};

}  // namespace

/// What the thread is given.
struct HolderLooks::Look {
    HolderLooks& self;
    Target target;
    Clock::time_point begun;
};

Result<std::unique_ptr<HolderLooks>> HolderLooks::create(EventLoop& loop, std::function<Target()> target) {
    auto door = LoopDoor::create(loop);
    if (!door) {
        return door.error();
    }
    return std::unique_ptr<HolderLooks>(new HolderLooks(loop, *std::move(door), std::move(target)));
}

HolderLooks::HolderLooks(EventLoop& loop, std::unique_ptr<LoopDoor> door, std::function<Target()> target)
    : door_(std::move(door)),
      target_(std::move(target)),
      impatience_(loop.every(kImpatienceCheck, [this] { answer_those_since(Clock::now() - kPatience); })) {}

HolderLooks::~HolderLooks() {
    if (thread_) {
        ::pthread_join(*thread_, nullptr);
    }
}

void HolderLooks::when_fresh(std::function<void()> done) {
    if (fresh()) {
        done();
        return;
    }
    waiting_.push_back({Clock::now(), std::move(done)});
    begin();
}

void HolderLooks::begin() {
    if (thread_) {
        return;
    }
    auto* const look = new Look{*this, target_(), Clock::now()};
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited: signals are the loop's
    pthread_t thread{};
    const auto body = [](void* context) -> void* {
        const std::unique_ptr<Look> mine(static_cast<Look*>(context));
        ::pthread_setname_np(::pthread_self(), "iond-holders");
        auto found = std::make_shared<const BufferHolders>(
            find_holders("/proc", mine->target.without, mine->target.named));
        mine->self.door_->post([self = &mine->self, begun = mine->begun, found = std::move(found)] {
            self->finished(begun, found);
        });
        return nullptr;
    };
    const int error = ::pthread_create(&thread, nullptr, body, look);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (error != 0) {
        delete look;
        ION_ERROR("worker", "no thread to look for holders ({})", std::strerror(error));
        answer_those_since(Clock::time_point::max());
        return;
    }
    thread_ = thread;
}

void HolderLooks::finished(Clock::time_point begun, std::shared_ptr<const BufferHolders> found) {
    ::pthread_join(*std::exchange(thread_, std::nullopt), nullptr);
    last_ = std::move(found);
    last_begun_ = begun;
    answer_those_since(Clock::time_point::max());
}

void HolderLooks::answer_those_since(Clock::time_point latest) {
    std::vector<Waiting> answered;
    while (!waiting_.empty() && waiting_.front().since <= latest) {
        answered.push_back(std::move(waiting_.front()));
        waiting_.erase(waiting_.begin());
    }
    for (const Waiting& one : answered) {
        one.done();
    }
}

}  // namespace ion
