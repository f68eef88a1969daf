// SPDX-License-Identifier: Apache-2.0
//
// Scrubber: makes memory fit for another user, somewhere that may take its time.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "heaps/memory.h"

namespace ion {

class Scrubber {
  public:
    /// Gets memory, every byte of it 0 and with its pages; null when that failed, and then it is gone.
    using Done = std::function<void(std::unique_ptr<Memory>)>;

    Scrubber() = default;
    Scrubber(const Scrubber&) = delete;
    Scrubber& operator=(const Scrubber&) = delete;
    virtual ~Scrubber() = default;

    /// Takes memory of `size_bytes` over that nobody else can see any more, and gives the same memory back. `done`
    /// runs on the loop thread, later than this call or within it.
    virtual void zero(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) = 0;

    /// The same for a memfd that nobody uses, but a former user might find a way back to: its pages go back to the
    /// kernel, and what is given back is another memfd, which nobody has seen.
    virtual void replace(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) = 0;
};

}  // namespace ion
