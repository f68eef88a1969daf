// SPDX-License-Identifier: Apache-2.0
//
// StressDaemon: an iond of its own for a test, in a temporary directory. ION_TEST_TRANSPORT=cuse has it make a
// CUSE device instead of a node, ION_DAEMON names another binary (one with sanitizers, say).

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "daemon/base/unique_fd.h"

namespace ion::test {

class StressDaemon {
  public:
    /// Starts it and waits until it serves; what fails is a test failure, and serves() is false.
    StressDaemon();
    /// Whatever is left is killed and unmounted.
    ~StressDaemon();
    StressDaemon(const StressDaemon&) = delete;
    StressDaemon& operator=(const StressDaemon&) = delete;

    [[nodiscard]] bool serves() const { return serves_; }
    [[nodiscard]] const std::string& device() const { return device_; }

    /// Its usage files know no client and no buffer. `why` gets the text that says otherwise.
    [[nodiscard]] bool is_empty(std::string& why) const;

    /// Descriptors of memory (memfds, dma-bufs) that it has open.
    [[nodiscard]] std::size_t buffers_open() const;

    /// SIGTERM; its exit status, -1 if it does not end.
    int stop();

  private:
    bool wait_until_ready();
    [[nodiscard]] std::string log() const;

    std::string directory_;
    std::string device_;
    pid_t pid_ = -1;
    UniqueFd pidfd_;
    UniqueFd log_;
    bool serves_ = false;
};

}  // namespace ion::test
