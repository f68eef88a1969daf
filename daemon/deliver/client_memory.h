// SPDX-License-Identifier: Apache-2.0
//
// Access to a client's memory. Any of these may block for ever: a page can be a file of a server that never
// answers, and only SIGKILL ends the wait. Call them in an injector.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "daemon/base/file_id.h"
#include "daemon/base/result.h"

namespace ion {

/// Copies `into.size()` bytes at `address` in the process of `tid`: all of them, or EFAULT. ESRCH, EPERM as
/// they come.
Result<void> read_client(pid_t tid, std::uint64_t address, std::span<std::byte> into);

/// Copies `from` to `address` in the process of `tid`: all of it, or EFAULT (part may have been written).
/// Memory that is no ordinary pages (a mapped dma-buf) is EFAULT too, though the client itself could write
/// there.
Result<void> write_client(pid_t tid, std::uint64_t address, std::span<const std::byte> from);

/// What a part of a client's memory shows.
struct ClientMapping {
    FileId file;               ///< 0, 0 for anonymous memory
    std::uint64_t offset = 0;  ///< bytes; of the part's beginning in the file
    bool writable = false;
};

/// The mapping that [address, address + length) lies inside; EINVAL when that is not one mapping.
Result<ClientMapping> find_client_mapping(pid_t tid, std::uint64_t address, std::uint64_t length);

}  // namespace ion
