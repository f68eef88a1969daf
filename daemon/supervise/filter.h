// SPDX-License-Identifier: Apache-2.0
//
// The seccomp filter: which system calls of the program come to the supervisor, for 64-bit and 32-bit entries.

#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

enum class TrappedCall : std::uint8_t { kOpen, kOpenat, kOpenat2, kIoctl };

/// Traps every open that could be of a device, ioctls whose number has one of ION's two magics, and
/// DMA_BUF_IOCTL_SYNC; allows everything else. x32 calls answer ENOSYS, as on a kernel without them.
/// Errors: those of libseccomp, ENOTSUP for a kernel or machine on which it cannot notify.
[[nodiscard]] Result<std::vector<sock_filter>> make_filter();

/// Which of them a notification is about; `arch` is an AUDIT_ARCH_*. Nothing for any other call.
[[nodiscard]] std::optional<TrappedCall> trapped_call(std::uint32_t arch, int number);

/// True for entries whose arguments and structs are those of 32-bit programs (int 0x80 included).
[[nodiscard]] bool is_compat(std::uint32_t arch);

/// Puts the calling thread under the filter, for good, and takes its privileges to gain privileges
/// (PR_SET_NO_NEW_PRIVS). The result gets the notifications. Errors: EBUSY when another supervisor serves this
/// process already; EINVAL before Linux 5.19, where a signal could make a call happen twice.
[[nodiscard]] Result<UniqueFd> enter_filter(const std::vector<sock_filter>& filter);

}  // namespace ion
