// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/fd_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "daemon/base/notify.h"

namespace ion {

namespace {

constexpr int kFirstFd = 3;  // sd_listen_fds(3)

/// An environment variable, which is unset.
std::string take_variable(const char* name) {
    const char* value = std::getenv(name);
    const std::string text = value == nullptr ? "" : value;
    ::unsetenv(name);
    return text;
}

}  // namespace

void store_fd(const std::string& name, int fd) {
    notify_service_manager("FDSTORE=1\nFDNAME=" + name, fd);
}

void forget_fd(const std::string& name) {
    notify_service_manager("FDSTOREREMOVE=1\nFDNAME=" + name);
}

FdNumbers take_stored_fds() {
    const std::string pid = take_variable("LISTEN_PID");
    const std::string count = take_variable("LISTEN_FDS");
    std::istringstream names(take_variable("LISTEN_FDNAMES"));
    FdNumbers fds;
    if (pid != std::to_string(::getpid())) {
        return fds;
    }
    const int end = kFirstFd + std::atoi(count.c_str());
    for (int fd = kFirstFd; fd < end; ++fd) {
        std::string name;
        std::getline(names, name, ':');
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        if (!fds.try_emplace(name, fd).second) {
            ::close(fd);
        }
    }
    return fds;
}

}  // namespace ion
