// SPDX-License-Identifier: Apache-2.0
//
// CallServer: decides for each trapped call whether it is about the device, serves those that are, and has the kernel
// carry out the others.

#pragma once

#include <string>
#include <utility>

#include "daemon/loop/loop_door.h"
#include "daemon/supervise/client_files.h"
#include "daemon/supervise/listener.h"
#include "daemon/supervise/model.h"

namespace ion {

/// What a CallServer works with; all outlive it.
struct CallServerParts {
    const Listener& listener;
    LoopDoor& door;
    Model& model;
    ClientFiles& files;
    std::string device_name;  ///< in /dev
};

/// Any number of threads at once, each with another call.
class CallServer {
  public:
    explicit CallServer(CallServerParts parts) : parts_(std::move(parts)) {}

    /// Answers the call. Waits for whatever the caller's memory and file systems wait for.
    void serve(const Notification& call) const;

  private:
    void open(const Notification& call) const;
    void ioctl(const Notification& call) const;
    void sync(const Notification& call) const;

    CallServerParts parts_;
};

}  // namespace ion
