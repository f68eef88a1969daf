// SPDX-License-Identifier: Apache-2.0
//
// Zygote: a process forked before any buffer exists, which forks the injectors. A process that is forked later
// would hold copies of the buffers' descriptors for a moment, and every look at them would say "in use".

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

enum class ZygoteCommand : std::uint32_t {
    kSpawn = 1,  ///< answered by a ZygoteReply with the injector's job socket attached
    kKill = 2,   ///< SIGKILL to an injector; not answered
};

struct ZygoteRequest {
    ZygoteCommand command = ZygoteCommand::kSpawn;
    std::int32_t pid = 0;  ///< kKill
};

struct ZygoteReply {
    std::int32_t pid = 0;
};

struct Zygote {
    pid_t pid = -1;
    UniqueFd socket;  ///< SOCK_SEQPACKET; when its last copy closes, zygote and injectors end
};

/// Forks the zygote. `reply_targets` are what InjectorSetup calls by that name; everything else but stderr is
/// closed in the new process. Call while the process is single-threaded.
Result<Zygote> start_zygote(std::span<const int> reply_targets);

}  // namespace ion
