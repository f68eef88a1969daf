// SPDX-License-Identifier: Apache-2.0
//
// ScrubberThread: zeroes and replaces memory on a thread of its own, so that the loop does not stand still for it.

#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "daemon/base/unique_fd.h"
#include "daemon/loop/event_loop.h"
#include "heaps/scrubber.h"

namespace ion {

/// The thread begins with the first job. It sees a descriptor's number, a size and two counters, and neither locks
/// nor allocates, but for the words of an error: the loop never waits for it, whatever its priority. That is low,
/// not SCHED_IDLE: for each mapping, and each descriptor that it makes, it holds a lock of the process for a moment,
/// and must get the processor to leave it.
///
/// The worker ends by _exit, which ends the thread wherever it is.
class ScrubberThread final : public Scrubber {
  public:
    /// Jobs at once. One more is refused, and its memory gone.
    static constexpr std::size_t kMostJobs = 64;

    /// The loop outlives it. Errors: ENOMEM when there is no descriptor for it.
    [[nodiscard]] static Result<std::unique_ptr<ScrubberThread>> create(EventLoop& loop);

    /// Waits until the job at hand is done; the callbacks of unfinished ones are not called.
    ~ScrubberThread() override;

    void zero(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) override;
    void replace(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) override;

  private:
    struct Job {
        std::unique_ptr<Memory> memory;  // the loop's
        Done done;                       // the loop's
        int fd = -1;                     // what the thread reads
        std::uint64_t size = 0;
        bool replace = false;
        bool zeroed = false;  // what it writes
        UniqueFd replacement;
    };

    ScrubberThread(EventLoop& loop, UniqueFd finished_event);

    void submit(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, bool replace, Done done);
    [[nodiscard]] bool start();
    void run();
    void collect();
    [[nodiscard]] static std::unique_ptr<Memory> outcome(Job& job);

    UniqueFd finished_event_;
    Watch finished_watch_;
    std::optional<pthread_t> thread_;
    std::atomic<bool> stopping_ = false;
    // Job n is in jobs_[n % kMostJobs]: the loop's until submitted, the thread's until finished, then the loop's.
    std::array<Job, kMostJobs> jobs_;
    std::atomic<std::uint32_t> submitted_ = 0;
    std::atomic<std::uint32_t> finished_ = 0;
    std::uint32_t collected_ = 0;
};

}  // namespace ion
