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

Result<void> send_reply(int peer, int error, const std::string& text) {
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
    const ssize_t size = ::recv(peer, &request, sizeof(request), MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (size == 0) {
        drop(peer);
        return;
    }
    int error = 0;
    std::string text;
    if (size != static_cast<ssize_t>(sizeof(request)) || request.magic != kControlMagic ||
        request.version != kControlVersion) {
        error = EPROTO;
    } else if (request.command == ControlCommand::kStatus) {
        text = host_.status_document();
        error = text.size() > kMaxControlReply - sizeof(ControlReply) ? EMSGSIZE : 0;
    } else if (request.command != ControlCommand::kRecord) {
        error = ENOSYS;
    }
    if (!send_reply(peer, error, error == 0 ? text : std::string()) || error == EPROTO) {
        drop(peer);
    } else if (error == 0 && request.command == ControlCommand::kRecord) {
        host_.begin_recording(peer);
    }
}

void ControlServer::drop(int peer) {
    host_.end_recording(peer);
    host_.unwatch_control(peer);
    peers_.erase(peer);
}

}  // namespace ion
