// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/listener.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS  // <linux/seccomp.h> of 6.6
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

namespace ion {

namespace {

std::size_t size_of_messages() {
    seccomp_notif_sizes sizes{};
    ::syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
    return std::max<std::size_t>(sizes.seccomp_notif, sizeof(seccomp_notif));
}

seccomp_notif_addfd addition(const Notification& call, int fd, bool close_on_exec) {
    seccomp_notif_addfd addfd{};
    addfd.id = call.id;
    addfd.srcfd = static_cast<std::uint32_t>(fd);
    addfd.newfd_flags = close_on_exec ? O_CLOEXEC : 0;
    return addfd;
}

}  // namespace

Listener::Listener(UniqueFd fd) : fd_(std::move(fd)), message_size_(size_of_messages()) {
    // The thread and the one that answers it take turns: the kernel may wake one where the other ran. Older kernels
    // do not know this, and are slower.
    ::ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

std::optional<Notification> Listener::receive() {
    // Receiving cannot be told not to wait, and before 6.11 does not end with the last process; poll() does. One
    // thread at a time, or what one was told of another would take, and the first wait inside.
    const std::scoped_lock lock(receiving_);
    while (true) {
        pollfd ready{fd_.get(), POLLIN, 0};
        if (::poll(&ready, 1, -1) < 0) {
            continue;
        }
        if ((ready.revents & POLLIN) != 0) {
            if (auto call = try_receive()) {
                return call;
            }
        } else {
            return std::nullopt;
        }
    }
}

std::optional<Notification> Listener::try_receive() const {
    std::vector<std::byte> room(message_size_);
    if (::ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_RECV, room.data()) != 0) {
        return std::nullopt;  // killed, or interrupted by a signal, in between
    }
    seccomp_notif message{};
    std::memcpy(&message, room.data(), sizeof(message));
    Notification call;
    call.id = message.id;
    call.tid = static_cast<pid_t>(message.pid);
    call.compat = is_compat(message.data.arch);
    std::copy_n(message.data.args, call.arguments.size(), call.arguments.begin());
    const auto kind = trapped_call(message.data.arch, message.data.nr);
    if (!kind) {
        let_through(call);
        return std::nullopt;
    }
    call.call = *kind;
    return call;
}

bool Listener::waits(const Notification& call) const {
    std::uint64_t id = call.id;
    return ::ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

void Listener::answer(const Notification& call, int error) const {
    seccomp_notif_resp response{};
    response.id = call.id;
    response.error = -error;
    ::ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_SEND, &response);
}

void Listener::let_through(const Notification& call) const {
    seccomp_notif_resp response{};
    response.id = call.id;
    response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    ::ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_SEND, &response);
}

Result<int> Listener::add_descriptor(const Notification& call, int fd, bool close_on_exec) const {
    const auto addfd = addition(call, fd, close_on_exec);
    const int number = ::ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_ADDFD, &addfd);
    if (number < 0) {
        return fail_errno(errno, "SECCOMP_IOCTL_NOTIF_ADDFD");
    }
    return number;
}

Result<void> Listener::answer_with_descriptor(const Notification& call, int fd, bool close_on_exec) const {
    auto addfd = addition(call, fd, close_on_exec);
    addfd.flags = SECCOMP_ADDFD_FLAG_SEND;
    if (::ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) < 0) {
        return fail_errno(errno, "SECCOMP_IOCTL_NOTIF_ADDFD");
    }
    return {};
}

}  // namespace ion
