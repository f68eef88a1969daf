// SPDX-License-Identifier: Apache-2.0
//
// Messages to the service manager (sd_notify protocol), without libsystemd.

#pragma once

#include <string_view>

namespace ion {

/// Sends `state` (for example "READY=1\nSTATUS=serving") to $NOTIFY_SOCKET. Does nothing when it is unset
/// or unreachable: a daemon started by hand must run as well.
void notify_service_manager(std::string_view state);

}  // namespace ion
