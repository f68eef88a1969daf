// SPDX-License-Identifier: Apache-2.0

#include "daemon/control/control_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "daemon/base/fd_message.h"

namespace ion {

namespace {

/// More connections wait in the listener's queue.
constexpr std::size_t kMaxPeers = 32;

/// Root and the daemon's own user may ask; the socket's mode says the same to everybody else.
bool trusted(int peer) {
    ucred who{};
    socklen_t size = sizeof(who);
    return ::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
           (who.uid == 0 || who.uid == ::geteuid());
}

Result<void> send_reply(int peer, int error, std::string_view text) {
    text = text.substr(0, kMaxControlReply - sizeof(ControlReply));
    ControlReply reply;
    reply.error = error;
    reply.size = static_cast<std::uint32_t>(text.size());
    std::vector<std::byte> message(sizeof(reply) + text.size());
    std::memcpy(message.data(), &reply, sizeof(reply));
    if (!text.empty()) {
        std::memcpy(message.data() + sizeof(reply), text.data(), text.size());
    }
    return send_message(peer, message);
}

}  // namespace

void ControlServer::readable(int fd) {
    if (fd == listener_) {
        accept_one();
    } else {
        serve(fd);
    }
}

void ControlServer::accept_one() {
    UniqueFd peer(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!peer) {
        return;
    }
    if (!trusted(peer.get()) || peers_.size() >= kMaxPeers) {
        (void)send_reply(peer.get(), trusted(peer.get()) ? EAGAIN : EPERM, {});
        return;
    }
    const int fd = peer.get();
    peers_[fd] = std::move(peer);
    host_.watch_control(fd);
}

void ControlServer::serve(int peer) {
    ControlRequest request;
    // Plain recv(): a descriptor sent along is dropped by the kernel. To close one here could wait for a FUSE server.
    const ssize_t size = ::recv(peer, room_.data(), room_.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (size == 0) {
        drop(peer);
        return;
    }
    const auto length = size < 0 ? 0 : static_cast<std::size_t>(size);
    if (length >= sizeof(request) && length <= room_.size()) {
        std::memcpy(&request, room_.data(), sizeof(request));
    } else {
        request.magic = 0;
    }
    if (request.magic != kControlMagic || request.version != kControlVersion) {
        (void)send_reply(peer, EPROTO, {});
        drop(peer);
        return;
    }
    auto done = host_.control(request.command, {room_.data() + sizeof(request), length - sizeof(request)});
    if (done && done->size() > kMaxControlReply - sizeof(ControlReply)) {
        done = fail(EMSGSIZE, "the reply is too long");
    }
    if (!send_reply(peer, done ? 0 : done.error().code, done ? *done : done.error().context)) {
        drop(peer);
    } else if (done && request.command == ControlCommand::kRecord) {
        host_.begin_recording(peer);
    }
}

void ControlServer::drop(int peer) {
    host_.end_recording(peer);
    host_.unwatch_control(peer);
    peers_.erase(peer);
}

}  // namespace ion
