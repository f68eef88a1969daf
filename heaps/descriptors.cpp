// SPDX-License-Identifier: Apache-2.0

#include "heaps/descriptors.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

namespace ion {

Error descriptor_error(int errno_value, std::string_view what) {
    if (errno_value == EMFILE || errno_value == ENFILE) {
        const char* whose = errno_value == EMFILE ? "the daemon's" : "the system's";
        return fail(ENOMEM, std::string(what) + ": " + whose + " descriptor table is full");
    }
    return fail_errno(errno_value, what);
}

Result<void> require_spare_descriptor() {
    const UniqueFd spare(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!spare) {
        return descriptor_error(errno, "spare descriptor");
    }
    return {};
}

bool descriptors_are_scarce() {
    rlimit limit{};
    std::array<pollfd, 64> last{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < last.size()) {
        return true;
    }
    // Numbers fit in an int: the kernel's limit of the limit (fs.nr_open) does.
    int number = static_cast<int>(limit.rlim_cur - last.size());
    for (pollfd& one : last) {
        one.fd = number++;
    }
    // A number that is not open is "ready": POLLNVAL.
    return ::poll(last.data(), last.size(), 0) < 0 ||
           !std::ranges::all_of(last, [](const pollfd& one) { return one.revents == POLLNVAL; });
}

Result<UniqueFd> open_device(const char* path, std::string_view remedy) {
    UniqueFd fd(::open(path, O_RDWR | O_CLOEXEC));
    if (fd) {
        return fd;
    }
    const int error = errno;
    if (error == ENOENT || error == ENODEV || error == ENXIO) {
        return fail(ENODEV, std::string(path) + " is missing; " + std::string(remedy));
    }
    if (error == EACCES || error == EPERM) {
        return fail(EACCES, std::string("no permission to open ") + path +
                                "; run as root or allow the daemon's user to read and write it");
    }
    return descriptor_error(error, std::string("open ") + path);
}

Result<UniqueFd> reopen(int fd) {
    std::array<char, 32> path{};
    static_cast<void>(std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", fd));
    UniqueFd again(::open(path.data(), O_RDWR | O_CLOEXEC));
    if (!again) {
        return descriptor_error(errno, "reopen");
    }
    return again;
}

}  // namespace ion
