// SPDX-License-Identifier: Apache-2.0
//
// Messages with at most one descriptor attached, over Unix sockets.

#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <span>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

/// Sends `bytes` as one message, with `fd` (borrowed) attached unless it is -1; never raises SIGPIPE. `flags` as
/// for sendmsg; by default it does not wait. Errors: those of sendmsg; EAGAIN when the queue is full.
Result<void> send_message(int socket, std::span<const std::byte> bytes, int fd = -1,
                          int flags = MSG_DONTWAIT);

struct ReceivedMessage {
    std::size_t size = 0;  ///< bytes in the caller's buffer; 0 = the other end is closed
    UniqueFd fd;
};

/// Receives one message into `room`. `flags` as for recvmsg (MSG_DONTWAIT, MSG_PEEK, ...); MSG_CMSG_CLOEXEC is
/// added. Errors: those of recvmsg; EMSGSIZE when the message is larger than `room`.
Result<ReceivedMessage> receive_message(int socket, std::span<std::byte> room, int flags);

}  // namespace ion
