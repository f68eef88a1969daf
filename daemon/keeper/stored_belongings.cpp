// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/stored_belongings.h"

#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "daemon/base/notify.h"
#include "daemon/keeper/belongings.h"
#include "daemon/keeper/fd_store.h"

namespace ion {

namespace {

/// Never looks into the directory: a mount whose server is gone might not answer.
void unmount_all(const std::string& directory) {
    while (::umount2(directory.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
    }
}

}  // namespace

void clear_stored(const CommandLine& options) {
    const RuntimePaths paths = runtime_paths(options, TransportKind::kNode);
    for (const std::string& mount : {paths.usage_mount, paths.node_mount}) {
        unmount_all(mount);
        ::rmdir(mount.c_str());
    }
    std::array<char, 4096> target{};
    if (!paths.device_link.empty() &&
        ::readlink(paths.device_link.c_str(), target.data(), target.size() - 1) > 0 &&
        paths.node == target.data()) {
        ::unlink(paths.device_link.c_str());
    }
    for (const std::string& file : {paths.control, paths.lock}) {
        ::unlink(file.c_str());
    }
    ::rmdir(paths.directory.c_str());
}

Result<void> open_into_store(const CommandLine& options, unsigned user, unsigned group) {
    const RuntimePaths paths = runtime_paths(options, TransportKind::kNode);
    {
        RuntimeFiles probe;
        if (auto made = probe.make_directory(paths.directory); !made) {
            return made;
        }
        auto lock = probe.lock(paths.lock);
        probe.keep();
        if (!lock) {
            return lock.error().code == EBUSY ? Result<void>() : lock;
        }
        clear_stored(options);
    }
    Belongings belongings;
    if (auto prepared = belongings.prepare(options, {}); !prepared) {
        return prepared;
    }
    if (auto added = belongings.add_box(); !added) {
        return added;
    }
    if (::chown(paths.control.c_str(), user, group) != 0) {
        return fail(errno, paths.control + ": " + std::strerror(errno));
    }
    for (const auto& [name, fd] : belongings.named()) {
        store_fd(name, fd);
    }
    if (!notify_barrier()) {
        return fail(ETIMEDOUT, "the service manager does not take descriptors");
    }
    belongings.keep_files();
    return {};
}

}  // namespace ion
