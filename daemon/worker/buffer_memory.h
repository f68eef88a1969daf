// SPDX-License-Identifier: Apache-2.0
//
// Access to a buffer's content by the daemon itself.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "daemon/base/result.h"

namespace ion {

/// Copies `from` to `offset` of the buffer behind `fd`, which is `size` bytes long, by a mapping of a moment. Nobody
/// can make a buffer shorter, so this touches no memory that is not there. Errors: EFAULT beyond its end; mmap's.
Result<void> write_buffer(int fd, std::uint64_t size, std::uint64_t offset, std::span<const std::byte> from);

}  // namespace ion
