// SPDX-License-Identifier: Apache-2.0
//
// Scrubbers for tests, on the calling thread: one that works at once, one that waits to be told.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include "heaps/memfd.h"
#include "heaps/scrubber.h"
#include "heaps/zero_memory.h"

namespace ion {

/// What a scrubber gives back; null when it could not.
inline std::unique_ptr<Memory> zeroed(std::unique_ptr<Memory> memory, std::uint64_t size_bytes) {
    return zero_memory(memory->fd(), size_bytes) ? std::move(memory) : nullptr;
}
inline std::unique_ptr<Memory> replaced(std::unique_ptr<Memory> memory, std::uint64_t size_bytes) {
    memory.reset();
    auto filled = make_filled_memfd(size_bytes);
    auto fresh = filled ? MemfdMemory::adopt(*std::move(filled)) : filled.error();
    return fresh ? *std::move(fresh) : nullptr;
}

/// Is done within the call, as the interface allows.
class InlineScrubber final : public Scrubber {
  public:
    void zero(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) override {
        done(zeroed(std::move(memory), size_bytes));
    }
    void replace(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) override {
        done(replaced(std::move(memory), size_bytes));
    }
};

/// Holds everything until the test lets it go on.
class ManualScrubber final : public Scrubber {
  public:
    void zero(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) override {
        jobs_.push_back({std::move(memory), size_bytes, false, std::move(done)});
    }
    void replace(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) override {
        jobs_.push_back({std::move(memory), size_bytes, true, std::move(done)});
    }

    [[nodiscard]] std::size_t jobs() const { return jobs_.size(); }

    /// Does the oldest job. False when there is none.
    bool finish_one() {
        if (jobs_.empty()) {
            return false;
        }
        Job job = take();
        job.done(job.replace ? replaced(std::move(job.memory), job.size)
                             : zeroed(std::move(job.memory), job.size));
        return true;
    }

    void finish_all() {
        while (finish_one()) {
        }
    }

    /// The oldest job could not be done.
    void fail_one() { take().done(nullptr); }

  private:
    struct Job {
        std::unique_ptr<Memory> memory;
        std::uint64_t size = 0;
        bool replace = false;
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
