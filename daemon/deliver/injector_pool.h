// SPDX-License-Identifier: Apache-2.0
//
// InjectorPool: the worker's side of the injectors. Hands out idle ones, waits for results on the loop, leaves
// behind those that overrun, and has the zygote make new ones.

#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "daemon/deliver/job.h"

namespace ion {

/// What came back for a job. `result.error` is EIO for an injector that died or overran; `result.replied` is then
/// unknown, and answering again does no harm.
struct JobOutcome {
    JobResult result;
    std::vector<std::byte> bytes;  ///< kRead
    UniqueFd fd;                   ///< kTakeFd
    bool not_begun = false;  ///< nothing was done: the injector was asked to end before it came to the job
};

/// What the pool needs of its surroundings: the event loop and the journal.
class InjectorPoolHost {
  public:
    InjectorPoolHost() = default;
    InjectorPoolHost(const InjectorPoolHost&) = delete;
    InjectorPoolHost& operator=(const InjectorPoolHost&) = delete;
    virtual ~InjectorPoolHost() = default;

    /// Calls InjectorPool::readable(fd) from now on whenever `fd` is readable, until unwatched.
    virtual void watch(int fd) = 0;
    virtual void unwatch(int fd) = 0;

    /// A new injector: its socket must be known to the next worker before it is used; before it is closed, too.
    virtual void injector_started(int fd, int pid) = 0;
    virtual void injector_gone(int fd) = 0;

    /// One was left behind with thread `tid`, so that a later worker ends it when that client is dead; and has been.
    virtual void injector_left(int tid, int pid) = 0;
    virtual void left_injector_ended(int tid) = 0;
};

/// The loop thread only.
class InjectorPool {
  public:
    using Clock = std::chrono::steady_clock;
    using Done = std::function<void(JobOutcome)>;

    /// Called with an idle injector, which it must run() one job on or release().
    using Use = std::function<void(int injector)>;

    InjectorPool(int zygote, InjectorPoolHost& host);

    /// Asks for the first injectors. `left_behind`: those of former workers, a client's thread -> pid.
    void start(std::map<int, int> left_behind = {});

    /// Calls `use` now, or when an injector is idle.
    void acquire(Use use);

    /// Gives an acquired injector back unused.
    void release(int injector) { idle(injector); }

    /// Sends a job to an acquired injector. `payload` follows the job, `fd` (borrowed, -1 = none) is attached.
    void run(int injector, const Job& job, std::span<const std::byte> payload, int fd, Done done);

    /// An injector of a former worker with a job in progress: sends that job again, waits for its result and lets it
    /// go, as it may be a former program's.
    void adopt(int injector, int pid, std::span<const std::byte> message, int fd, Done done);

    /// Called by the host.
    void readable(int fd);

    /// Called every few hundred milliseconds: gives up jobs that overrun.
    void check_overruns(Clock::time_point now);

    /// Jobs in progress or waiting for an injector.
    [[nodiscard]] std::size_t busy() const { return jobs_.size() + waiting_.size(); }

  private:
    struct Running {
        std::uint64_t id = 0;
        JobKind kind = JobKind::kIdentify;
        int tid = 0;
        Done done;
        Clock::time_point started;
    };
    struct Injector {
        int pid = 0;
        UniqueFd socket;
        bool former = false;  // adopted
    };

    void zygote_readable();
    void spawn_if_needed();
    void start_job(int injector, std::span<const std::byte> message, int fd, Done done);
    void idle(int injector);
    void retire(int injector);
    void left(int injector);
    void end_widowed();
    void kill(int pid);

    int zygote_;
    InjectorPoolHost& host_;
    std::map<int, Injector> injectors_;  // by socket
    std::map<int, Running> jobs_;        // by injector
    std::map<int, int> left_behind_;     // client's thread -> pid of the injector that may still be with it
    std::vector<int> idle_;
    std::deque<Use> waiting_;
    std::size_t spawning_ = 0;
};

}  // namespace ion
