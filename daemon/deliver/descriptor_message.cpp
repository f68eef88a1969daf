// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/descriptor_message.h"

#include <sys/socket.h>

#include <cstring>

namespace ion {
namespace {

/// Room for a control message with one descriptor, aligned as one.
union Control {
    cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

}  // namespace

Result<void> send_with_descriptor(int socket, std::span<const std::byte> bytes, int descriptor, int flags) {
    iovec vector{const_cast<std::byte*>(bytes.data()), bytes.size()};  // iovec serves both directions
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    Control control{};
    if (descriptor >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header = {
            .cmsg_len = CMSG_LEN(sizeof descriptor), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        std::memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    }
    while (::sendmsg(socket, &message, flags | MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) {
            return fail_errno(errno, "sendmsg");
        }
    }
    return {};
}

Result<DescriptorMessage> receive_with_descriptor(int socket, std::span<std::byte> buffer) {
    iovec vector{buffer.data(), buffer.size()};
    msghdr message{};
    Control control{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    ssize_t size = 0;
    while ((size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0) {
        if (errno != EINTR) {
            return fail_errno(errno, "recvmsg");
        }
    }
    DescriptorMessage received{.size = static_cast<std::size_t>(size), .descriptor = {}};
    const auto* header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
        int descriptor = -1;
        std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
        received.descriptor.reset(descriptor);
    }
    if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        return fail(EMSGSIZE, "message or its descriptor had no room");
    }
    return received;
}

}  // namespace ion
