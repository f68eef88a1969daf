// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/notify.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "daemon/base/fd_message.h"

namespace ion {

namespace {

constexpr int kBarrierPatienceMs = 5000;

}  // namespace

void notify_service_manager(std::string_view state, int fd) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path == nullptr || (path[0] != '/' && path[0] != '@') ||
        std::strlen(path) >= sizeof(address.sun_path)) {
        return;
    }
    std::memcpy(address.sun_path, path, std::strlen(path));
    if (path[0] == '@') {
        address.sun_path[0] = '\0';  // abstract name space
    }
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
    if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
        return;
    }
    (void)send_message(socket.get(), std::as_bytes(std::span(state)), fd, 0);
}

bool notify_barrier() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return false;
    }
    const UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    notify_service_manager("BARRIER=1", theirs.get());
    theirs.reset();
    // The manager closes its copy when it comes to the message; without a manager there is none.
    pollfd waiting{ours.get(), POLLIN, 0};
    return ::poll(&waiting, 1, kBarrierPatienceMs) == 1;
}

}  // namespace ion
