// SPDX-License-Identifier: Apache-2.0
//
// One message on a SOCK_SEQPACKET socket, with at most one descriptor beside its bytes.

#pragma once

#include <cstddef>
#include <span>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

/// A received message; `size` 0 when the other end is closed.
struct DescriptorMessage {
    std::size_t size = 0;
    UniqueFd descriptor;
};

/// Sends `bytes`, and a duplicate of `descriptor` unless it is -1. `flags` as for sendmsg: without MSG_DONTWAIT it
/// waits for room in the queue. EPIPE, without a signal, when the other end is closed.
Result<void> send_with_descriptor(int socket, std::span<const std::byte> bytes, int descriptor,
                                  int flags = 0);

/// Waits for a message and puts its bytes into `buffer`. EMSGSIZE when they, or its descriptor, had no room.
Result<DescriptorMessage> receive_with_descriptor(int socket, std::span<std::byte> buffer);

}  // namespace ion
