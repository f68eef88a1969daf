// SPDX-License-Identifier: Apache-2.0
//
// The service manager's store of descriptors (systemd's FDSTORE, LISTEN_FDS): what is in it outlives the service's
// processes until the service is stopped.

#pragma once

#include <string>

#include "daemon/keeper/inheritance.h"

namespace ion {

/// Has the manager keep a copy of `fd` under `name`. Does nothing without a manager.
void store_fd(const std::string& name, int fd);

/// Has the manager close what it keeps under `name`.
void forget_fd(const std::string& name);

/// What was stored before this process was started, close-on-exec, the caller's. Asked once: the variables that announce it are
/// unset, as they mean this process alone. A name that was stored twice is there once, the other is closed.
[[nodiscard]] FdNumbers take_stored_fds();

}  // namespace ion
