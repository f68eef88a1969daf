// SPDX-License-Identifier: Apache-2.0
//
// DeviceInEnvironment: programs that are started while it lives find the daemon's device by ion_open().

#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/node/daemon_fixture.h"

namespace ion::test {

/// Sets ION_DEVICE. One at a time.
class DeviceInEnvironment {
  public:
    explicit DeviceInEnvironment(const Daemon& daemon) {
        EXPECT_EQ(::setenv("ION_DEVICE", daemon.device().c_str(), 1), 0);
    }
    ~DeviceInEnvironment() { ::unsetenv("ION_DEVICE"); }
    DeviceInEnvironment(const DeviceInEnvironment&) = delete;
    DeviceInEnvironment& operator=(const DeviceInEnvironment&) = delete;
};

}  // namespace ion::test
