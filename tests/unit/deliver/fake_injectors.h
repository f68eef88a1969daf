// SPDX-License-Identifier: Apache-2.0
//
// FakeInjectors: an InjectorPool whose zygote and injectors are played by the test, over socket pairs.

#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/deliver/injector_pool.h"
#include "daemon/deliver/zygote.h"

namespace ion {

class FakeInjectors : public InjectorPoolHost {
  public:
    /// One injector as the test plays it.
    struct Played {
        int pool_fd = -1;  ///< the pool's name for it
        int pid = 0;
        UniqueFd socket;
    };

    FakeInjectors();

    void watch(int fd) override { watched.insert(fd); }
    void unwatch(int fd) override { watched.erase(fd); }
    void injector_started(int fd, int pid) override;
    void injector_gone(int fd) override { events.push_back("gone " + std::to_string(fd)); }

    void injector_left(int tid, int pid) override {
        events.push_back("left " + std::to_string(pid) + " with " + std::to_string(tid));
    }
    void left_injector_ended(int tid) override { events.push_back("ended with " + std::to_string(tid)); }

    /// What the zygote was asked to do since the last call; spawn requests as number 0, kills as the pid.
    std::vector<int> zygote_requests();

    /// Answers one spawn request with an injector; the pool is told.
    Played& spawn();
    void fail_to_spawn();
    void lose_zygote() { zygote_played_.reset(); }

    /// The next job that an injector was given; nothing when there is none.
    static std::optional<Job> next_job(const Played& injector, std::string* payload = nullptr,
                                       UniqueFd* fd = nullptr);

    /// The injector answers; the pool is told.
    void answer(const Played& injector, const JobResult& result, const std::string& bytes = {}, int fd = -1);

    /// A message that waits in the pool's end of an injector's socket.
    [[nodiscard]] static bool message_waits(const Played& injector);

    /// Runs `job` on the next idle injector and keeps its outcome in `outcomes`.
    void run(const Job& job, const std::string& payload = {}, int fd = -1);

    std::set<int> watched;
    std::vector<std::string> events;
    std::vector<JobOutcome> outcomes;

  private:
    UniqueFd zygote_played_;  // before its other end, which fills it
    UniqueFd zygote_pool_end_;
    std::deque<Played> played_;
    int next_pid_ = 5000;

  public:
    InjectorPool pool;
};

[[nodiscard]] inline Job job_of(std::uint64_t id, JobKind kind) {
    Job job;
    job.id = id;
    job.kind = kind;
    return job;
}

[[nodiscard]] inline JobResult result_of(std::uint64_t id) {
    JobResult result;
    result.id = id;
    return result;
}

}  // namespace ion
