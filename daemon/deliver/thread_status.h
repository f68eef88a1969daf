// SPDX-License-Identifier: Apache-2.0
//
// ThreadStatus: the few facts about a client's thread that decide how it may be reached.

#pragma once

#include <sys/types.h>

#include "daemon/base/result.h"

namespace ion {

struct ThreadStatus {
    pid_t tgid = 0;           ///< its process
    pid_t tracer = 0;         ///< who traces it; 0 when nobody (or somebody outside our pid namespace)
    bool restricted = false;  ///< under seccomp, strict or filter
    bool dead = false;        ///< a zombie, or about to be one: it will never run again in user mode
};

/// Reads /proc/<tid>/status. `tid` may be any thread, not only a leader. ESRCH when there is none.
Result<ThreadStatus> thread_status(pid_t tid);

}  // namespace ion
