// SPDX-License-Identifier: Apache-2.0
//
// Messages to the service manager (sd_notify protocol), without libsystemd.

#pragma once

#include <string_view>

namespace ion {

/// Sends `state` (for example "READY=1\nSTATUS=serving"), with `fd` (borrowed) attached unless it is -1, to
/// $NOTIFY_SOCKET. Does nothing when it is unset or unreachable: a daemon started by hand must run as well.
void notify_service_manager(std::string_view state, int fd = -1);

/// Waits until the service manager has processed what this process has sent, so that the process may end: what comes
/// from one that has ended is dropped. False when it has not within 5 s.
[[nodiscard]] bool notify_barrier();

}  // namespace ion
