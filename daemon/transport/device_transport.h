// SPDX-License-Identifier: Apache-2.0
//
// DeviceTransport: /dev/ion as a CUSE character device or as a file on a FUSE mount ("node"). Restricted ioctls
// in both: the kernel copies what the command number declares.

#pragma once

#include <memory>
#include <string>

#include "daemon/transport/device_handler.h"
#include "daemon/transport/fuse_session.h"

namespace ion {

enum class TransportKind : std::uint8_t { kCuse, kNode };

/// Name of the file on the node's mount.
inline constexpr const char* kNodeFileName = "ion";

class DeviceTransport {
  public:
    /// `fd`: an open /dev/cuse, or the /dev/fuse descriptor of the node's mount; borrowed. `device_name` is the
    /// CUSE device's name. `handler` outlives this.
    static Result<std::unique_ptr<DeviceTransport>> create(Journal& journal, TransportKind kind, int fd,
                                                           const std::string& device_name,
                                                           DeviceHandler& handler);

    [[nodiscard]] FuseSession& session() { return session_; }

    // For the library's callbacks:
    [[nodiscard]] DeviceHandler& handler() { return handler_; }

  private:
    DeviceTransport(Journal& journal, int fd, DeviceHandler& handler)
        : session_(journal, SessionId::kDevice, fd), handler_(handler) {}

    FuseSession session_;
    DeviceHandler& handler_;
};

}  // namespace ion
