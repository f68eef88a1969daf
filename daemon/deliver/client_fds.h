// SPDX-License-Identifier: Apache-2.0
//
// Access to a client's descriptor table, without its cooperation: which object is behind a number, and a copy
// of it.

#pragma once

#include <sys/types.h>

#include "daemon/base/file_id.h"
#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

/// Which object is descriptor `number` in the table of thread `tid`. EBADF when there is none or when it is
/// only a path (O_PATH), which no driver accepts either; ESRCH when the thread is gone. Works on every
/// kernel, also for a thread with a table of its own and after its leader's exit. Does not ask the file
/// system behind the descriptor.
Result<FileId> identify_client_fd(pid_t tid, int number);

/// A copy of descriptor `number` of thread `tid`, close-on-exec. Before Linux 6.9 the kernel only reaches the
/// leader's table: ESRCH after the leader's exit, EBADF for a thread whose table is another one.
Result<UniqueFd> take_client_fd(pid_t tid, int number);

/// take_client_fd() for sockets alone; EINVAL for anything else. Whoever closes a copy of a FUSE file waits for its
/// server, which may never answer, or be the daemon itself.
Result<UniqueFd> take_client_socket(pid_t tid, int number);

}  // namespace ion
