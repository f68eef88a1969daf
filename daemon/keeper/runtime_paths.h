// SPDX-License-Identifier: Apache-2.0
//
// Where a daemon's files lie, from its options.

#pragma once

#include <string>

#include "daemon/options.h"
#include "daemon/transport/device_transport.h"

namespace ion {

struct RuntimePaths {
    std::string directory;    ///< /run/ion
    std::string lock;         ///< held by the keeper for as long as it lives
    std::string node_mount;   ///< directory of the node's mount
    std::string node;         ///< the node itself
    std::string device_link;  ///< link in /dev to the node; empty with --runtime-dir
    std::string device;       ///< what programs open
    std::string usage_mount;
    std::string control;  ///< control socket
};

/// Pure but for $XDG_RUNTIME_DIR and the user id.
[[nodiscard]] RuntimePaths runtime_paths(const CommandLine& options, TransportKind transport);

}  // namespace ion
