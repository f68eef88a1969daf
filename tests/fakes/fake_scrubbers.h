// SPDX-License-Identifier: Apache-2.0
//
// Scrubbers for tests, on the calling thread: one that zeroes at once, one that waits to be told.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include "heaps/scrubber.h"
#include "heaps/zero_memory.h"

namespace ion {

/// Is done within the call, as the interface allows.
class InlineScrubber final : public Scrubber {
  public:
    void zero(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) override {
        const bool zeroed = zero_memory(memory->fd(), size_bytes);
        done(zeroed ? std::move(memory) : nullptr);
    }
};

/// Holds everything until the test lets it go on.
class ManualScrubber final : public Scrubber {
  public:
    void zero(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) override {
        jobs_.push_back({std::move(memory), size_bytes, std::move(done)});
    }

    [[nodiscard]] std::size_t jobs() const { return jobs_.size(); }

    /// Zeroes the oldest job's memory and hands it back. False when there is none.
    bool finish_one() {
        if (jobs_.empty()) {
            return false;
        }
        Job job = take();
        const bool zeroed = zero_memory(job.memory->fd(), job.size);
        job.done(zeroed ? std::move(job.memory) : nullptr);
        return true;
    }

    void finish_all() {
        while (finish_one()) {
        }
    }

    /// The oldest job's memory could not be zeroed.
    void fail_one() { take().done(nullptr); }

  private:
    struct Job {
        std::unique_ptr<Memory> memory;
        std::uint64_t size = 0;
        Done done;
    };

    Job take() {
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        return job;
    }

    std::deque<Job> jobs_;
};

}  // namespace ion
