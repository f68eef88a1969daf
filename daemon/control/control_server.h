// SPDX-License-Identifier: Apache-2.0
//
// ControlServer: answers requests on the control socket. Never waits for a peer: one that does not read its
// reply is cut off.

#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "daemon/control/control_protocol.h"

namespace ion {

/// What the server needs of its surroundings.
class ControlHost {
  public:
    ControlHost() = default;
    ControlHost(const ControlHost&) = delete;
    ControlHost& operator=(const ControlHost&) = delete;
    virtual ~ControlHost() = default;

    /// Calls ControlServer::readable(fd) from now on whenever `fd` is readable, until unwatched.
    virtual void watch_control(int fd) = 0;
    virtual void unwatch_control(int fd) = 0;

    /// Carries a command out: the reply's text. Errors: ENOSYS for an unknown one, else the command's; their
    /// context is the reply's text.
    [[nodiscard]] virtual Result<std::string> control(ControlCommand command, std::string_view document) = 0;

    /// Sends lines of a trace to this peer from now on, until end_recording(); that is called for any peer that goes.
    virtual void begin_recording(int peer) = 0;
    virtual void end_recording(int peer) = 0;
};

/// The loop thread only; the host outlives it.
class ControlServer {
  public:
    /// `listener`: non-blocking, borrowed.
    ControlServer(int listener, ControlHost& host) : listener_(listener), host_(host) {}

    /// Starts to listen.
    void start() { host_.watch_control(listener_); }

    /// Called by the host.
    void readable(int fd);

  private:
    void accept_one();
    void serve(int peer);
    void drop(int peer);

    int listener_;
    ControlHost& host_;
    std::map<int, UniqueFd> peers_;
    std::array<char, kMaxControlRequest> room_;
};

}  // namespace ion
