// SPDX-License-Identifier: Apache-2.0
//
// Making descriptors for memory, with errors that say what an operator can do about them.

#pragma once

#include <string_view>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

/// The error of a failed call that makes a descriptor. A full table (EMFILE, ENFILE) is the daemon's own, so
/// it becomes an ordinary ENOMEM: to a client EMFILE would say that *its* table is full.
[[nodiscard]] Error descriptor_error(int errno_value, std::string_view what);

/// Fails with ENOMEM when not one more descriptor can be made.
///
/// Buffers leave the last slot free: without it no memory could be looked at (Memory::idle) or exported, so
/// nothing could be released any more.
[[nodiscard]] Result<void> require_spare_descriptor();

/// True unless the last 64 numbers of the descriptor table are free: then nothing is kept that only saves time. As
/// the kernel gives the lowest free number, they are free as long as there is room.
[[nodiscard]] bool descriptors_are_scarce();

/// Opens a device of an exporter, O_RDWR and close-on-exec.
///
/// `remedy` says what to do when it does not exist. Errors: ENODEV when it does not, EACCES, descriptor_error.
[[nodiscard]] Result<UniqueFd> open_device(const char* path, std::string_view remedy);

/// A new open file description of the object behind one of our descriptors, O_RDWR and close-on-exec.
[[nodiscard]] Result<UniqueFd> reopen(int fd);

}  // namespace ion
