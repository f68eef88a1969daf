// SPDX-License-Identifier: Apache-2.0
//
// iond-prepare: the one part of the service that runs as root. It opens what an ordinary user may not and leaves it in
// the service manager's store, for an iond without privileges to take; and it clears away when the service has ended.
//
//   iond-prepare open USER [OPTION OF iond ...]     before iond starts; the control socket belongs to USER
//   iond-prepare permit GROUP [OPTION OF iond ...]  when iond is ready: members of GROUP may open the device
//   iond-prepare clear - [OPTION OF iond ...]       when nothing of the service is left but files

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "daemon/base/notify.h"
#include "daemon/keeper/belongings.h"
#include "daemon/keeper/fd_store.h"

namespace {

constexpr mode_t kDeviceMode = 0660;

int refuse(const std::string& why) {
    std::fprintf(stderr, "iond-prepare: %s\n", why.c_str());
    return 1;
}

/// A unit's sandbox has mounts of its own, which nobody outside would see.
bool enter_mounts_of_init() {
    const ion::UniqueFd init(::open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC));
    return init && ::setns(init.get(), CLONE_NEWNS) == 0;
}

/// Never looks into the directory: a mount whose server is gone might not answer.
void unmount_all(const std::string& directory) {
    while (::umount2(directory.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
    }
}

/// Removes what a service leaves that nobody serves any more.
void clear(const ion::CommandLine& options) {
    const ion::RuntimePaths paths = ion::runtime_paths(options, ion::TransportKind::kNode);
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

/// Opens everything, unless the store has it from before.
int open_for(const char* user, const ion::CommandLine& options) {
    const passwd* const owner = ::getpwnam(user);
    if (owner == nullptr) {
        return refuse(std::string("there is no user ") + user);
    }
    const ion::RuntimePaths paths = ion::runtime_paths(options, ion::TransportKind::kNode);
    {
        ion::RuntimeFiles probe;
        if (const auto made = probe.make_directory(paths.directory); !made) {
            return refuse(made.error().context);
        }
        const auto lock = probe.lock(paths.lock);
        probe.keep();
        if (!lock) {
            return lock.error().code == EBUSY ? 0 : refuse(lock.error().context);
        }
        clear(options);
    }
    ion::Belongings belongings;
    if (const auto prepared = belongings.prepare(options, {}); !prepared) {
        return refuse(prepared.error().context);
    }
    if (::chown(paths.control.c_str(), owner->pw_uid, owner->pw_gid) != 0) {
        return refuse(paths.control + ": " + std::strerror(errno));
    }
    for (const auto& [name, fd] : belongings.named()) {
        ion::store_fd(name, fd);
    }
    if (!ion::notify_barrier()) {
        return refuse("the service manager does not take descriptors");
    }
    belongings.keep_files();
    return 0;
}

/// Does not wait for udev, whose rule says the same, and which knows a group only if it was there when it read that.
int permit(const char* name, const ion::CommandLine& options) {
    const group* const members = ::getgrnam(name);
    if (members == nullptr) {
        return refuse(std::string("there is no group ") + name);
    }
    const std::string device = "/dev/" + options.device_name;
    struct stat status {};
    if (::lstat(device.c_str(), &status) != 0 || !S_ISCHR(status.st_mode)) {
        return 0;  // a node: it has the permissions that iond gives it
    }
    if (::chown(device.c_str(), 0, members->gr_gid) != 0 || ::chmod(device.c_str(), kDeviceMode) != 0) {
        return refuse(device + ": " + std::strerror(errno));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view command = argc > 2 ? argv[1] : "";
    if (command != "open" && command != "permit" && command != "clear") {
        return refuse("usage: iond-prepare open USER | permit GROUP | clear -, and options of iond");
    }
    const char* const who = argv[2];
    argv[2] = argv[0];
    const ion::ParsedOptions parsed = ion::parse_options(argc - 2, argv + 2);
    if (parsed.exit_status) {
        return *parsed.exit_status;
    }
    ::umask(022);  // the unit's is for files of the daemon
    if (!enter_mounts_of_init()) {
        return refuse(std::string("cannot enter the mounts of process 1 (") + std::strerror(errno) +
                      "): this is for services, as root");
    }
    if (command == "open") {
        return open_for(who, parsed.options);
    }
    if (command == "permit") {
        return permit(who, parsed.options);
    }
    clear(parsed.options);
    return 0;
}
