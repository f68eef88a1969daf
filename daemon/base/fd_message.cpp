// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/fd_message.h"

#include <cstring>

namespace ion {

Result<void> send_message(int socket, std::span<const std::byte> bytes, int fd, int flags) {
    iovec data{const_cast<std::byte*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    if (fd >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof(control);
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(fd));
        std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    }
    if (::sendmsg(socket, &message, flags | MSG_NOSIGNAL) < 0) {
        return fail_errno(errno, "sendmsg");
    }
    return {};
}

Result<ReceivedMessage> receive_message(int socket, std::span<std::byte> room, int flags) {
    iovec data{room.data(), room.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen =
        CMSG_LEN(sizeof(int));  // in the padding, a second descriptor would arrive unseen
    ssize_t size = 0;
    do {
        size = ::recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
        return fail_errno(errno, "recvmsg");
    }
    ReceivedMessage received;
    received.size = static_cast<std::size_t>(size);
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
            received.fd.reset(fd);
        }
    }
    if ((message.msg_flags & MSG_TRUNC) != 0) {
        return fail(EMSGSIZE, "message larger than expected");
    }
    return received;
}

}  // namespace ion
