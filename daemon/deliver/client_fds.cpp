// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/client_fds.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <string_view>

#include "daemon/deliver/thread_status.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL  // <linux/pidfd.h> of 6.9
#endif

namespace ion {
namespace {

std::string proc_path(pid_t tid, const char* what, int number) {
    return "/proc/" + std::to_string(tid) + "/" + what + "/" + std::to_string(number);
}

/// Identity without a question to the file system: it may be a FUSE file of a server that never answers.
Result<FileId> quiet_identity(int directory, const char* path, int flags) {
    struct statx status {};
    if (::statx(directory, path, flags | AT_STATX_DONT_SYNC, STATX_INO, &status) != 0) {
        return fail_errno(errno, "statx");
    }
    return FileId{::makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino};
}

/// Why a file below /proc/<tid> is missing: no such descriptor, or no such thread.
Error missing(pid_t tid) {
    const auto status = thread_status(tid);
    if (!status || status->dead) {
        return fail(ESRCH, "thread is gone");
    }
    return fail(EBADF, "no such descriptor");
}

Result<UniqueFd> take_through(int pidfd, int number) {
    UniqueFd copy(static_cast<int>(::syscall(SYS_pidfd_getfd, pidfd, number, 0)));
    if (!copy) {
        return fail_errno(errno, "pidfd_getfd");
    }
    return copy;
}

}  // namespace

Result<FileId> identify_client_fd(pid_t tid, int number) {
    std::ifstream info(proc_path(tid, "fdinfo", number));
    if (!info) {
        return errno == ENOENT ? missing(tid) : fail_errno(errno, "fdinfo");
    }
    std::string word;
    unsigned long flags = 0;
    while (info >> word && word != "flags:") {
    }
    info >> std::oct >> flags;
    if (!info) {
        return missing(tid);
    }
    if ((flags & O_PATH) != 0) {
        return fail(EBADF, "a path only");
    }
    auto id = quiet_identity(AT_FDCWD, proc_path(tid, "fd", number).c_str(), 0);
    if (!id && id.error().code == ENOENT) {
        return missing(tid);
    }
    return id;
}

Result<UniqueFd> take_client_fd(pid_t tid, int number) {
    UniqueFd thread(static_cast<int>(::syscall(SYS_pidfd_open, tid, PIDFD_THREAD)));
    if (thread) {
        return take_through(thread.get(), number);
    }
    if (errno != EINVAL) {
        return fail_errno(errno, "pidfd_open");
    }
    const auto status = thread_status(tid);
    if (!status) {
        return status.error();
    }
    UniqueFd leader(static_cast<int>(::syscall(SYS_pidfd_open, status->tgid, 0)));
    if (!leader) {
        return fail_errno(errno, "pidfd_open");
    }
    auto copy = take_through(leader.get(), number);
    if (!copy) {
        return copy;
    }
    const auto wanted = identify_client_fd(tid, number);
    const auto taken = quiet_identity(copy->get(), "", AT_EMPTY_PATH);
    if (!wanted || !taken || *wanted != *taken) {
        return fail(EBADF, "the thread has a descriptor table of its own");
    }
    return copy;
}

Result<UniqueFd> take_client_socket(pid_t tid, int number) {
    std::array<char, 16> link{};
    const std::string path = proc_path(tid, "fd", number);
    if (::readlink(path.c_str(), link.data(), link.size() - 1) < 0) {
        return errno == ENOENT ? missing(tid) : fail_errno(errno, "readlink");
    }
    if (!std::string_view(link.data()).starts_with("socket:[")) {
        return fail(EINVAL, "not a socket");
    }
    auto copy = take_client_fd(tid, number);
    int type = 0;
    socklen_t size = sizeof type;
    if (copy && ::getsockopt(copy->get(), SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
        return fail(EINVAL,
                    "no longer a socket");  // exchanged in between: closing it can cost this process only
    }
    return copy;
}

}  // namespace ion
