// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/scrubber_thread.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <utility>

#include "daemon/base/log.h"
#include "heaps/memfd.h"
#include "heaps/zero_memory.h"

namespace ion {
namespace {

/// Added to the daemon's own: about a tenth of the processor time of a busy thread of that, all that is left over
/// otherwise.
constexpr int kNiceness = 10;

}  // namespace

Result<std::unique_ptr<ScrubberThread>> ScrubberThread::create(EventLoop& loop) {
    UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event) {
        return fail(ENOMEM, std::string("eventfd: ") + std::strerror(errno));
    }
    return std::unique_ptr<ScrubberThread>(new ScrubberThread(loop, std::move(event)));
}

ScrubberThread::ScrubberThread(EventLoop& loop, UniqueFd finished_event)
    : finished_event_(std::move(finished_event)),
      finished_watch_(loop.on_readable(finished_event_.get(), [this] { collect(); })) {}

ScrubberThread::~ScrubberThread() {
    if (thread_) {
        stopping_ = true;
        ++submitted_;  // no job: it wakes the thread
        submitted_.notify_one();
        ::pthread_join(*thread_, nullptr);
    }
}

void ScrubberThread::zero(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) {
    submit(std::move(memory), size_bytes, false, std::move(done));
}

void ScrubberThread::replace(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) {
    submit(std::move(memory), size_bytes, true, std::move(done));
}

void ScrubberThread::submit(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, bool replace,
                            Done done) {
    const std::uint32_t number = submitted_.load(std::memory_order_relaxed);
    if (number - collected_ == kMostJobs || !start()) {
        done(nullptr);
        return;
    }
    Job& job = jobs_.at(number % kMostJobs);
    job.fd = memory->fd();
    job.size = size_bytes;
    job.replace = replace;
    job.memory = std::move(memory);
    job.done = std::move(done);
    submitted_.store(number + 1, std::memory_order_release);
    submitted_.notify_one();
}

bool ScrubberThread::start() {
    if (thread_) {
        return true;
    }
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited: signals are the loop's
    pthread_t thread{};
    const auto body = [](void* self) -> void* {
        static_cast<ScrubberThread*>(self)->run();
        return nullptr;
    };
    const int error = ::pthread_create(&thread, nullptr, body, this);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (error != 0) {
        ION_ERROR("worker", "no thread to zero freed memory ({}): it is not kept", std::strerror(error));
        return false;
    }
    thread_ = thread;
    return true;
}

void ScrubberThread::run() {
    ::pthread_setname_np(::pthread_self(), "iond-scrubber");
    static_cast<void>(::nice(kNiceness));  // of this thread alone; a failure costs only politeness
    for (std::uint32_t number = 0;; ++number) {
        submitted_.wait(number, std::memory_order_acquire);
        if (stopping_) {
            return;
        }
        Job& job = jobs_.at(number % kMostJobs);
        if (job.replace) {
            // First, so that the new pages can be these. Where it fails they go with the last descriptor.
            static_cast<void>(drop_pages(job.fd, 0, job.size));
            auto filled = make_filled_memfd(job.size);
            job.replacement = filled ? *std::move(filled) : UniqueFd();
        } else {
            job.zeroed = zero_memory(job.fd, job.size);
        }
        finished_.store(number + 1, std::memory_order_release);
        const std::uint64_t one = 1;
        static_cast<void>(::write(finished_event_.get(), &one, sizeof(one)));  // full means readable as well
    }
}

/// What a finished job gives back; its former memory is gone.
std::unique_ptr<Memory> ScrubberThread::outcome(Job& job) {
    auto former = std::move(job.memory);
    if (!job.replace) {
        return job.zeroed ? std::move(former) : nullptr;
    }
    auto memory = MemfdMemory::adopt(std::move(job.replacement));
    return memory ? *std::move(memory) : nullptr;
}

void ScrubberThread::collect() {
    std::uint64_t count = 0;
    static_cast<void>(::read(finished_event_.get(), &count, sizeof(count)));
    while (collected_ != finished_.load(std::memory_order_acquire)) {
        Job& job = jobs_.at(collected_ % kMostJobs);
        auto memory = outcome(job);
        const Done done = std::exchange(job.done, nullptr);
        ++collected_;  // before the call, which may submit another job
        done(std::move(memory));
    }
}

}  // namespace ion
