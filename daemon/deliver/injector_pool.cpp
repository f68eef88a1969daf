// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/injector_pool.h"

#include <sys/socket.h>

#include <array>
#include <cstring>

#include "daemon/base/fd_message.h"
#include "daemon/base/log.h"
#include "daemon/deliver/thread_status.h"
#include "daemon/deliver/zygote.h"

namespace ion {

namespace {

constexpr std::size_t kFirstInjectors = 2;
constexpr std::size_t kMaxInjectors = 32;

/// An injector gives a client that does not stop 2 s; a little later it is overdue itself.
constexpr std::chrono::milliseconds kOverrun{2500};

}  // namespace

InjectorPool::InjectorPool(int zygote, InjectorPoolHost& host) : zygote_(zygote), host_(host) {}

void InjectorPool::start(std::map<int, int> left_behind) {
    left_behind_ = std::move(left_behind);
    host_.watch(zygote_);
    spawn_if_needed();
}

void InjectorPool::acquire(Use use) {
    if (idle_.empty()) {
        waiting_.push_back(std::move(use));
        spawn_if_needed();
        return;
    }
    const int injector = idle_.back();
    idle_.pop_back();
    use(injector);
}

void InjectorPool::spawn_if_needed() {
    const std::size_t wanted = std::max(kFirstInjectors, jobs_.size() + waiting_.size());
    while (injectors_.size() + spawning_ < std::min(wanted, kMaxInjectors)) {
        const ZygoteRequest request{ZygoteCommand::kSpawn, 0};
        if (!send_message(zygote_, std::as_bytes(std::span(&request, 1)))) {
            return;  // its end is near: the keeper replaces it and this worker
        }
        ++spawning_;
    }
}

void InjectorPool::zygote_readable() {
    ZygoteReply reply;
    auto received = receive_message(zygote_, std::as_writable_bytes(std::span(&reply, 1)), MSG_DONTWAIT);
    if (!received || received->size != sizeof(reply)) {
        host_.unwatch(zygote_);
        return;
    }
    spawning_ -= spawning_ == 0 ? 0 : 1;
    if (reply.pid < 0 || !received->fd) {
        ION_WARN("deliver", "the zygote could not start an injector");
        return;
    }
    const int fd = received->fd.get();
    injectors_[fd] = Injector{reply.pid, std::move(received->fd), false};
    host_.injector_started(fd, reply.pid);
    host_.watch(fd);
    idle(fd);
}

void InjectorPool::idle(int injector) {
    if (waiting_.empty()) {
        idle_.push_back(injector);
        return;
    }
    const Use use = std::move(waiting_.front());
    waiting_.pop_front();
    use(injector);
}

void InjectorPool::run(int injector, const Job& job, std::span<const std::byte> payload, int fd, Done done) {
    std::vector<std::byte> message(sizeof(job) + payload.size());
    std::memcpy(message.data(), &job, sizeof(job));
    if (!payload.empty()) {
        std::memcpy(message.data() + sizeof(job), payload.data(), payload.size());
    }
    start_job(injector, message, fd, std::move(done));
}

void InjectorPool::adopt(int injector, int pid, std::span<const std::byte> message, int fd, Done done) {
    injectors_[injector] = Injector{pid, UniqueFd(injector), true};
    host_.watch(injector);
    start_job(injector, message, fd, std::move(done));
}

void InjectorPool::start_job(int injector, std::span<const std::byte> message, int fd, Done done) {
    Job job;
    std::memcpy(&job, message.data(), std::min(sizeof(job), message.size()));
    jobs_[injector] = Running{job.id, job.kind, job.tid, std::move(done), Clock::now()};
    auto sent = send_message(injector, message, fd);
    if (!sent && sent.error().code != EPIPE) {
        retire(injector);
    }  // EPIPE: it is ending, and what it has said before it does is still to be read
}

void InjectorPool::readable(int fd) {
    if (fd == zygote_) {
        zygote_readable();
        return;
    }
    std::array<std::byte, sizeof(JobResult) + kMaxJobPayload> room;
    // Peeked at first: the message stays in the queue for the next worker until its outcome is committed.
    auto received = receive_message(fd, room, MSG_DONTWAIT | MSG_PEEK);
    if (!received &&
        received.error().code == ECONNRESET) {  // it left a job unread: told once, before what it said
        received = receive_message(fd, room, MSG_DONTWAIT | MSG_PEEK);
    }
    if (!received && received.error().code == EAGAIN) {
        return;
    }
    if (!received || received->size < sizeof(JobResult)) {
        retire(fd);
        return;
    }
    JobOutcome outcome;
    std::memcpy(&outcome.result, room.data(), sizeof(JobResult));
    outcome.bytes.assign(room.begin() + sizeof(JobResult),
                         room.begin() + static_cast<std::ptrdiff_t>(received->size));
    outcome.fd = std::move(received->fd);
    if (outcome.result.id == kFarewell) {
        left(fd);
        return;
    }
    const auto known = injectors_.find(fd);
    const bool last = outcome.result.last != 0 || (known != injectors_.end() && known->second.former);
    const auto job = jobs_.find(fd);
    const bool expected = job != jobs_.end() && job->second.id == outcome.result.id;
    if (expected) {
        const Done done = std::move(job->second.done);
        jobs_.erase(job);
        done(std::move(outcome));
    }
    (void)::recv(fd, room.data(), 1, MSG_DONTWAIT | MSG_TRUNC);
    if (last) {
        retire(fd);  // a job sent now would end with it
    } else if (expected) {
        idle(fd);
    }
}

/// It was asked to end, and has not begun the job that it may have been given meanwhile.
void InjectorPool::left(int injector) {
    Done done;
    JobOutcome outcome;
    if (const auto job = jobs_.find(injector); job != jobs_.end()) {
        outcome.result.id = job->second.id;
        outcome.result.error = EIO;
        outcome.not_begun = true;
        done = std::move(job->second.done);
        jobs_.erase(job);
    }
    if (done) {
        done(std::move(
            outcome));  // before its word is taken out of the queue, so that the next worker would hear it, too
    }
    retire(injector);
}

void InjectorPool::retire(int injector) {
    const auto found = injectors_.find(injector);
    if (found == injectors_.end()) {
        return;
    }
    Done done;
    JobOutcome outcome;
    if (const auto job = jobs_.find(injector); job != jobs_.end()) {
        if (job->second.kind != JobKind::kDeliver) {
            kill(found->second.pid);  // stuck in a client's memory, which only SIGKILL ends; harms nobody
        } else {
            left_behind_[job->second.tid] = found->second.pid;
            host_.injector_left(job->second.tid, found->second.pid);
        }
        done = std::move(job->second.done);
        outcome.result.id = job->second.id;
        outcome.result.error = EIO;
        jobs_.erase(job);
    }
    std::erase(idle_, injector);
    host_.unwatch(injector);
    host_.injector_gone(injector);
    injectors_.erase(found);  // closes its socket: it ends as soon as it sees that
    if (done) {
        done(std::move(outcome));
    }
    spawn_if_needed();
}

/// Ends injectors whose client is dead. One that is stuck in that client's memory would not notice, and keep the
/// dead process from being reaped.
void InjectorPool::end_widowed() {
    std::erase_if(left_behind_, [this](const auto& left) {
        const auto client = thread_status(left.first);
        const bool widowed = !client || client->dead;
        if (widowed) {
            kill(left.second);
            host_.left_injector_ended(left.first);
        }
        return widowed;
    });
}

void InjectorPool::kill(int pid) {
    const ZygoteRequest request{ZygoteCommand::kKill, pid};
    (void)send_message(zygote_, std::as_bytes(std::span(&request, 1)));
}

void InjectorPool::check_overruns(Clock::time_point now) {
    end_widowed();
    std::vector<int> overdue;
    for (const auto& [injector, job] : jobs_) {
        if (now - job.started > kOverrun) {
            overdue.push_back(injector);
        }
    }
    for (const int injector : overdue) {
        ION_DEBUG("deliver", "injector {} does not come back, left behind", injectors_[injector].pid);
        retire(injector);
    }
}

}  // namespace ion
