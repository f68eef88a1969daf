// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/runtime_paths.h"

#include <unistd.h>

#include <cstdlib>

namespace ion {

namespace {

std::string default_directory() {
    const char* user_directory = std::getenv("XDG_RUNTIME_DIR");
    if (::geteuid() != 0 && user_directory != nullptr && user_directory[0] == '/') {
        return std::string(user_directory) + "/ion";
    }
    return "/run/ion";
}

}  // namespace

RuntimePaths runtime_paths(const CommandLine& options, TransportKind transport) {
    RuntimePaths paths;
    paths.directory = options.runtime_dir.empty() ? default_directory() : options.runtime_dir;
    paths.lock = paths.directory + "/lock";
    paths.node_mount = paths.directory + "/dev";
    paths.node = paths.node_mount + "/" + kNodeFileName;
    paths.usage_mount = options.usage_mount.empty() ? paths.directory + "/debug" : options.usage_mount;
    paths.control = paths.directory + "/control";
    const std::string in_dev = "/dev/" + options.device_name;
    if (transport == TransportKind::kCuse) {
        paths.device = in_dev;
    } else if (options.runtime_dir.empty() && ::geteuid() == 0) {
        paths.device_link = in_dev;
        paths.device = in_dev;
    } else {
        paths.device = paths.node;
    }
    return paths;
}

}  // namespace ion
