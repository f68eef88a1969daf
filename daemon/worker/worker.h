// SPDX-License-Identifier: Apache-2.0
//
// Worker: the process that serves. It shares its descriptor table with the keeper, so whatever ends it, every
// descriptor stays; and it takes up whatever the journal says a former one left.

#pragma once

#include <sys/types.h>

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/journal/journal.h"
#include "daemon/transport/device_transport.h"

namespace ion {

/// What the keeper prepared; all of it outlives every worker. Descriptors are borrowed.
struct WorkerSetup {
    std::vector<ConfigText> texts;  ///< the configuration at the start, found good
    std::string config_file;        ///< where a reload reads it again; empty: kConfigDirectory
    std::string log_level;          ///< of the command line; empty: as configured
    Journal* journal = nullptr;
    TransportKind transport = TransportKind::kNode;
    std::string device_name;  ///< CUSE
    int device_fd = -1;
    int usage_fd = -1;
    int control_fd = -1;  ///< listening socket
    int zygote_fd = -1;
    std::vector<int> keeper_fds;  ///< every descriptor that is the keeper's, those above included
    pid_t keeper = -1;            ///< gets SIGUSR1 once the transports serve
    /// Whether the program on disk can take over from this one; for kUpgradeSignal. The error says why not.
    std::function<Result<void>()> check_successor;
};

/// Makes the keeper start the program on disk in the place of this one.
inline constexpr int kUpgradeSignal = SIGUSR2;

/// Makes a worker that serves read its configuration again.
inline constexpr int kReloadSignal = SIGUSR2;

/// Exit status of a worker that was asked to stop and did.
inline constexpr int kWorkerStopped = 0;
/// The transports are gone (unmounted by somebody); another worker would not find them either.
inline constexpr int kWorkerLostTransport = 3;
/// The setup cannot work; the reason has been logged.
inline constexpr int kWorkerUnusable = 4;

/// Serves until SIGTERM; ends the process.
[[noreturn]] void run_worker(const WorkerSetup& setup);

}  // namespace ion
