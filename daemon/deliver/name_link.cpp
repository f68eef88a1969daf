// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/name_link.h"

#include <fcntl.h>
#include <sched.h>

#include <string>

#include "daemon/base/file_id.h"

namespace ion {
namespace {

UniqueFd open_namespace(const std::string& who) {
    return UniqueFd(::open(("/proc/" + who + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
}

/// A socket stays in the namespace in which it was made, so this process is there for one call only.
Result<UniqueFd> socket_beside(pid_t tid) {
    const auto ours = open_namespace("self");
    const auto theirs = open_namespace(std::to_string(tid));
    const auto our_id = file_id_of(ours.get());
    const auto their_id = file_id_of(theirs.get());
    if (!our_id || !their_id) {
        return fail(ESRCH, "network namespace of " + std::to_string(tid));
    }
    const bool abroad = *our_id != *their_id;
    if (abroad && ::setns(theirs.get(), CLONE_NEWNET) != 0) {
        return fail_errno(errno, "setns");
    }
    UniqueFd made(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int socket_errno = errno;
    if (abroad && ::setns(ours.get(), CLONE_NEWNET) != 0) {
        return fail_errno(errno, "setns back");  // harmless: this process uses no other network
    }
    if (!made) {
        return fail_errno(socket_errno, "socket");
    }
    return made;
}

}  // namespace

Result<NameLink> NameLink::open_beside(pid_t tid) {
    auto made = socket_beside(tid);
    if (!made) {
        return made.error();
    }
    NameLink link(*std::move(made));
    link.address_.sun_family = AF_UNIX;
    auto* address = reinterpret_cast<sockaddr*>(&link.address_);
    // No name given: the kernel takes a free abstract one.
    if (::bind(link.listener_.get(), address, sizeof(sa_family_t)) != 0 ||
        ::getsockname(link.listener_.get(), address, &link.address_size_) != 0 ||
        ::listen(link.listener_.get(), SOMAXCONN) != 0) {
        return fail_errno(errno, "listening socket");
    }
    return link;
}

Result<UniqueFd> NameLink::accept_from(pid_t tgid) {
    while (true) {
        UniqueFd end(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!end) {
            return fail(ECONNREFUSED, "the client has not connected");
        }
        ucred peer{};
        socklen_t size = sizeof peer;
        if (::getsockopt(end.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == tgid) {
            return end;
        }
    }
}

}  // namespace ion
