// SPDX-License-Identifier: Apache-2.0
//
// RemoteCalls: system calls that a stopped client thread makes for us, and one page of its memory to make
// them with.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "daemon/base/result.h"
#include "daemon/deliver/syscall_entry.h"
#include "daemon/deliver/tracee.h"

namespace ion {

/// Borrows a stopped tracee with its signals blocked. The caller restores registers and mask afterwards.
class RemoteCalls {
  public:
    /// `entry` is how the thread entered the kernel, `registers` what it had when it stopped.
    RemoteCalls(Tracee& tracee, const SyscallEntry& entry, const Registers& registers)
        : tracee_(tracee), entry_(entry), registers_(registers) {}

    [[nodiscard]] pid_t tid() const { return tracee_.tid(); }
    [[nodiscard]] bool wide() const { return entry_.wide; }

    /// Makes the thread do one call; its result, or its errno. ESRCH when the thread was killed.
    Result<std::uint64_t> operator()(Call call, std::initializer_list<std::uint64_t> arguments);

    /// Maps a scratch page. It is shared memory, because RLIMIT_DATA does not count that.
    Result<void> map_scratch();
    void unmap_scratch();

    [[nodiscard]] std::uint64_t scratch() const { return scratch_; }
    Result<void> put(std::span<const std::byte> bytes);  ///< copies to the beginning of the scratch page
    Result<void> get(std::span<std::byte> bytes);  ///< copies from there. Other threads may have changed it.

  private:
    Tracee& tracee_;
    const SyscallEntry& entry_;
    const Registers registers_;
    std::uint64_t scratch_ = 0;
};

}  // namespace ion
