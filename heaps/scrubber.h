// SPDX-License-Identifier: Apache-2.0
//
// Scrubber: zeroes memory somewhere that may take its time.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "heaps/memory.h"

namespace ion {

class Scrubber {
  public:
    /// Gets the memory back, every byte of it 0; null when that failed, and then the memory is gone.
    using Done = std::function<void(std::unique_ptr<Memory>)>;

    Scrubber() = default;
    Scrubber(const Scrubber&) = delete;
    Scrubber& operator=(const Scrubber&) = delete;
    virtual ~Scrubber() = default;

    /// Takes memory of `size_bytes` over that nobody else can see any more. `done` runs on the loop thread, later
    /// than this call or within it.
    virtual void zero(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, Done done) = 0;
};

}  // namespace ion
