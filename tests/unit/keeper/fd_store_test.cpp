// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/fd_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "daemon/keeper/inheritance.h"

namespace ion {
namespace {

/// Runs `check` in a process that looks as a service manager starts it: `count` descriptors from 3 on, and their names.
/// True when it returns true.
bool as_service(int count, const std::string& names, bool (*check)(), bool for_this_process = true) {
    const pid_t child = ::fork();
    if (child == 0) {
        for (int fd = 3; fd < 3 + count; ++fd) {
            const int null = ::open("/dev/null", O_RDWR);
            if (null != fd) {
                ::dup2(null, fd);
            }
        }
        ::setenv("LISTEN_PID", std::to_string(::getpid() + (for_this_process ? 0 : 1)).c_str(), 1);
        ::setenv("LISTEN_FDS", std::to_string(count).c_str(), 1);
        ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
        ::_exit(check() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(FdStore, GivesDescriptorsByNameAndClosesThemOnExec) {
    EXPECT_TRUE(as_service(2, "usage:cuse", [] {
        const FdNumbers fds = take_stored_fds();
        return fds.size() == 2 && fds.at("usage") == 3 && fds.at("cuse") == 4 &&
               ::fcntl(4, F_GETFD) == FD_CLOEXEC && std::getenv("LISTEN_FDS") == nullptr;
    }));
}

TEST(FdStore, ANameThatIsThereTwiceIsTakenOnce) {
    EXPECT_TRUE(as_service(2, "usage:usage", [] {
        const FdNumbers fds = take_stored_fds();
        return fds.size() == 1 && fds.at("usage") == 3 && ::fcntl(4, F_GETFD) == -1;
    }));
}

TEST(FdStore, DescriptorsOfAnotherProcessAreNotTaken) {
    EXPECT_TRUE(as_service(
        1, "usage", [] { return take_stored_fds().empty() && ::fcntl(3, F_GETFD) == 0; }, false));
}

TEST(FdStore, IsInheritedWhenAllIsThere) {
    EXPECT_TRUE(as_service(5, "lock:cuse:usage:control:journal", [] {
        const FdNumbers inherited = take_inherited();
        return inherited.size() == 5 && inherited.at("cuse") == 4;
    }));
}

TEST(FdStore, IsClosedWhenSomethingIsMissing) {
    EXPECT_TRUE(as_service(4, "lock:cuse:control:journal",
                           [] { return take_inherited().empty() && ::fcntl(4, F_GETFD) == -1; }));
}

}  // namespace
}  // namespace ion
