// SPDX-License-Identifier: Apache-2.0
//
// NameLink: a socket connection with a client by way of a socket name that only its network namespace knows.
//
// The way out where pidfd_getfd cannot reach the client's descriptor table (client_fds.h).

#pragma once

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

/// A SOCK_SEQPACKET socket in the network namespace of a client, listening under an abstract name of the
/// kernel's choice. No path is involved, so mount namespaces and permissions do not matter.
class NameLink {
  public:
    /// EPERM when the namespace is another one than ours and we may not enter it (CAP_SYS_ADMIN).
    static Result<NameLink> open_beside(pid_t tid);

    /// What the client connects to; `address_size` bytes.
    [[nodiscard]] const sockaddr_un& address() const { return address_; }
    [[nodiscard]] socklen_t address_size() const { return address_size_; }

    /// Our end of the connection that a thread of process `tgid` has made. Connections of others, who may
    /// have guessed the name, are dropped. ECONNREFUSED when there is none.
    Result<UniqueFd> accept_from(pid_t tgid);

  private:
    explicit NameLink(UniqueFd listener) : listener_(std::move(listener)) {}

    UniqueFd listener_;
    sockaddr_un address_{};
    socklen_t address_size_ = sizeof address_;
};

}  // namespace ion
