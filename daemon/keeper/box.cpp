// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/box.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace ion {

namespace {

/// SCM_MAX_FD of the kernel (include/net/scm.h): the most that one message takes.
constexpr std::size_t kPerMessage = 253;

/// The kernel charges some 2.5 KiB for a message.
constexpr int kQueueBytes = 16 << 20;

/// A message carries the numbers of its descriptors.
using Numbers = std::array<int, kPerMessage>;

union Control {
    cmsghdr header;
    std::array<std::byte, CMSG_SPACE(sizeof(Numbers))> bytes;
};

bool send_some(int in, std::span<const int> fds) {
    Control control{};
    iovec text{const_cast<int*>(fds.data()), fds.size_bytes()};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(&control.header), fds.data(), fds.size_bytes());
    return ::sendmsg(in, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

struct Message {
    std::vector<int> numbers;
    std::vector<int> fds;  // as many, or fewer when the table is full
};

/// The first message; its descriptors are open in this process, and in the box.
bool peek(int out, Message& found) {
    Control control{};
    Numbers numbers{};
    iovec text{numbers.data(), sizeof(numbers)};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof(control);
    const ssize_t size = ::recvmsg(out, &message, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size <= 0) {
        return false;
    }
    found.numbers.assign(numbers.begin(), numbers.begin() + size / static_cast<ssize_t>(sizeof(int)));
    found.fds.clear();
    const cmsghdr* const rights = CMSG_FIRSTHDR(&message);
    if (rights != nullptr && rights->cmsg_type == SCM_RIGHTS) {
        found.fds.resize((rights->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        std::memcpy(found.fds.data(), CMSG_DATA(rights), found.fds.size() * sizeof(int));
    }
    return true;
}

/// To where no descriptor belongs: a number below `end` may be that of another one of the box.
void move_up(std::vector<int>& fds, int end) {
    for (int& fd : fds) {
        if (fd < end) {
            const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, end);
            ::close(fd);
            fd = moved;
        }
    }
}

}  // namespace

Result<BoxEnds> make_box() {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return fail_errno(errno, "socketpair(box)");
    }
    BoxEnds box{UniqueFd(ends[0]), UniqueFd(ends[1])};
    if (::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &kQueueBytes, sizeof(kQueueBytes)) != 0) {
        (void)::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &kQueueBytes, sizeof(kQueueBytes));
    }
    return box;
}

std::size_t put_into_box(int in, std::span<const int> fds) {
    std::vector<int> open;
    std::ranges::copy_if(fds, std::back_inserter(open), [](int fd) { return ::fcntl(fd, F_GETFD) >= 0; });
    for (std::size_t from = 0; from < open.size(); from += kPerMessage) {
        const std::size_t count = std::min(kPerMessage, open.size() - from);
        if (!send_some(in, std::span(open).subspan(from, count))) {
            return from;
        }
    }
    return open.size();
}

Unpacked take_from_box(int out, int end) {
    Unpacked unpacked;
    Message message;
    while (peek(out, message)) {
        move_up(message.fds, end);
        for (std::size_t i = 0; i < message.numbers.size(); ++i) {
            const int fd = i < message.fds.size() ? message.fds[i] : -1;
            const int number = message.numbers[i];
            const bool placed =
                fd >= 0 && number > STDERR_FILENO && number < end && ::dup3(fd, number, O_CLOEXEC) == number;
            ++(placed ? unpacked.placed : unpacked.lost);
            if (fd >= 0) {
                ::close(fd);
            }
        }
        (void)::recv(out, &end, 0, MSG_DONTWAIT);  // without room for its descriptors they are let go
    }
    return unpacked;
}

}  // namespace ion
