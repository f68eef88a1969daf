// SPDX-License-Identifier: Apache-2.0
//
// FUSE replies as bytes, for requests whose answer is journalled before it is sent or sent by an injector.
// Layouts: struct fuse_out_header, fuse_open_out and fuse_ioctl_out of linux/fuse.h, protocol 7.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ion {

/// `error` is a positive errno, or 0 for an empty success.
[[nodiscard]] std::vector<std::byte> error_reply(std::uint64_t unique, int error);

/// OPEN: `file` comes back with every request for this open file. Its reads are not cached. Without a position,
/// lseek, pread and pwrite fail with ESPIPE; CUSE ignores that.
[[nodiscard]] std::vector<std::byte> open_reply(std::uint64_t unique, std::uint64_t file, bool has_position);

/// IOCTL: the kernel copies `data` to the caller first, then returns `result` (0 or a negative errno).
[[nodiscard]] std::vector<std::byte> ioctl_reply(std::uint64_t unique, std::int32_t result,
                                                 std::span<const std::byte> data);

}  // namespace ion
