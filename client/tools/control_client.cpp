// SPDX-License-Identifier: Apache-2.0

#include "client/tools/control_client.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "client/tools/report.h"
#include "daemon/base/fd_message.h"

namespace {

/// A daemon that does not answer within this is not reachable.
constexpr timeval kPatience{5, 0};

ion::Result<ion::UniqueFd> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return ion::fail(ENAMETOOLONG, "the path is too long");
    }
    path.copy(address.sun_path, path.size());
    ion::UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
    if (!socket ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return ion::fail_errno(errno, "connect");
    }
    return socket;
}

}  // namespace

ion::Result<ion::UniqueFd> connect_to_daemon(const CommonOptions& options) {
    const std::string path = options.runtime_dir + "/control";
    auto socket = connect_to(path);
    if (!socket) {
        const int code = socket.error().code == EACCES ? EACCES : ENOTCONN;
        return ion::fail(code, path + ": " + socket.error().context + "; is iond running?");
    }
    return socket;
}

ion::Result<std::string> ask_daemon(int socket, ion::ControlCommand command, std::string_view document) {
    ion::ControlRequest request;
    request.command = command;
    std::vector<std::byte> message(sizeof(request) + document.size());
    if (message.size() > ion::kMaxControlRequest) {
        return ion::fail(EFBIG, "the request is too long");
    }
    std::memcpy(message.data(), &request, sizeof(request));
    std::copy_n(std::as_bytes(std::span(document)).begin(), document.size(),
                message.begin() + sizeof(request));
    if (auto sent = ion::send_message(socket, message); !sent) {
        return sent.error();
    }
    std::vector<std::byte> room(ion::kMaxControlReply);
    const auto received = ion::receive_message(socket, room, 0);
    if (!received) {
        return received.error();
    }
    ion::ControlReply reply;
    if (received->size < sizeof(reply)) {
        return ion::fail(EPROTO, "iond ended the connection without an answer; its log may say why");
    }
    std::memcpy(&reply, room.data(), sizeof(reply));
    if (reply.magic != ion::kControlMagic || reply.size > received->size - sizeof(reply)) {
        return ion::fail(EPROTO, "not a reply of iond");
    }
    const std::string text(reinterpret_cast<const char*>(room.data()) + sizeof(reply), reply.size);
    if (reply.error != 0) {
        return text.empty() ? ion::fail_errno(reply.error, "iond") : ion::fail(reply.error, text);
    }
    return text;
}

int print_answer(const CommonOptions& options, ion::ControlCommand command, std::string_view document) {
    auto socket = connect_to_daemon(options);
    return socket ? print(ask_daemon(socket->get(), command, document)) : report(socket.error());
}
