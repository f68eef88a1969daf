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
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string_view>

#include "daemon/base/unique_fd.h"
#include "daemon/keeper/stored_belongings.h"

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

/// Unless the store has it from before.
int open_for(const char* user, const ion::CommandLine& options) {
    const passwd* const owner = ::getpwnam(user);
    if (owner == nullptr) {
        return refuse(std::string("there is no user ") + user);
    }
    const auto opened = ion::open_into_store(options, owner->pw_uid, owner->pw_gid);
    return opened ? 0 : refuse(opened.error().context);
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
    ion::clear_stored(parsed.options);
    return 0;
}
