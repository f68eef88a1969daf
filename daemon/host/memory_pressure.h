// SPDX-License-Identifier: Apache-2.0
//
// MemoryPressure: has the kernel say when tasks of the machine wait for memory, so that pools can be given back. A kernel
// frees an ION driver's pools by calling its shrinker; nobody calls a process.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/base/unique_fd.h"
#include "daemon/core/heap_set.h"
#include "daemon/loop/event_loop.h"

namespace ion {

/// Pressure stall information of the whole machine (Documentation/accounting/psi.rst).
inline constexpr const char* kMemoryPressureFile = "/proc/pressure/memory";

/// The loop thread only; the loop outlives it.
class MemoryPressure {
  public:
    /// Calls `relieve` when some task has waited for memory for 150 ms within 2 s, once in that time at most. Errors: those
    /// of open and write: ENOENT or EOPNOTSUPP without PSI, EACCES or EPERM where this user may not ask.
    static Result<std::unique_ptr<MemoryPressure>> watch(EventLoop& loop, const std::string& file,
                                                         std::function<void()> relieve);

  private:
    explicit MemoryPressure(UniqueFd trigger) : trigger_(std::move(trigger)) {}

    UniqueFd trigger_;
    Watch watch_;
};

/// Has every heap give back what it keeps for its next buffers: the bytes.
std::uint64_t drain_pools(const HeapSet& heaps);

/// Does so under pressure, for as long as the result lives, which may be null; the log tells either. `heaps` outlive it.
[[nodiscard]] std::unique_ptr<MemoryPressure> drain_under_pressure(EventLoop& loop, const HeapSet& heaps);

}  // namespace ion
