// SPDX-License-Identifier: Apache-2.0

#include "heaps/descriptors.h"

#include <fcntl.h>

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
