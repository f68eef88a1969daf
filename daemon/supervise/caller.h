// SPDX-License-Identifier: Apache-2.0
//
// Caller: the memory and descriptors of a thread that waits in a trapped call. Everything here may wait for ever, for
// a page or a file of a server that never answers; so it is done by the thread that serves this one call.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "daemon/base/file_id.h"
#include "daemon/core/device.h"
#include "daemon/supervise/listener.h"

namespace ion {

/// References outlive it.
class Caller {
  public:
    Caller(const Listener& listener, const Notification& call) : listener_(listener), call_(call) {}

    /// Errors: EFAULT; ESRCH when the thread has been killed; EPERM where the kernel forbids it (Yama).
    [[nodiscard]] Result<void> read(std::uint64_t address, std::span<std::byte> into) const;

    /// Errors as read().
    [[nodiscard]] Result<void> write(std::uint64_t address, std::span<const std::byte> from) const;

    /// The string at `address`. Errors as read(); ENAMETOOLONG from PATH_MAX bytes on.
    [[nodiscard]] Result<std::string> read_path(std::uint64_t address) const;

    /// Which object is its descriptor `number`. Errors: EBADF, ESRCH, EPERM.
    [[nodiscard]] Result<FileId> identify(int number) const;

    /// Success if [address, address + length) lies inside one mapping, else EINVAL.
    [[nodiscard]] Result<void> check_range(std::uint64_t address, std::uint64_t length) const;

    /// Who opens the device with these flags of open(2).
    [[nodiscard]] Opener opener(std::uint32_t open_flags) const;

  private:
    [[nodiscard]] Result<void> still_there() const;

    const Listener& listener_;
    const Notification& call_;
};

}  // namespace ion
