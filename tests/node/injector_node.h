// SPDX-License-Identifier: Apache-2.0
//
// Node: a FUSE file system with one file, whose ioctls wait for the test to answer them.

#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"

namespace ion::test {

/// Far above what anything takes on a busy emulated machine; whoever waits longer has failed.
inline constexpr int kPatienceMs = 10'000;

/// The struct that tests/clients/injectee.c passes, and what its flags mean.
struct Allocation {
    std::uint64_t length;
    std::uint32_t heap_mask, flags, fd, unused;
};
inline constexpr std::uint32_t kKeepOnExec = 1;
inline constexpr std::uint32_t kErrnoInFd = 2;
inline constexpr std::uint32_t kSucceedOnFailure = 4;

/// What a call answers until its descriptor has arrived.
inline constexpr std::int32_t kPendingResult = -EIO;

/// Waits until `fd` can be read or `patience_ms` pass; true if it can.
bool readable(int fd, int patience_ms = kPatienceMs);

/// Calls `done` until it is true, giving way to others in between; false when patience ends.
bool eventually(const std::function<bool()>& done);

/// An ioctl that waits for its answer.
struct Pending {
    std::uint64_t unique = 0;
    pid_t tid = 0;
    std::uint32_t command = 0;
    std::uint64_t argument = 0;
    Allocation data{};
};

/// A FUSE file system with one file, in a directory of its own.
class Node {
  public:
    Node();
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    [[nodiscard]] int device() const { return device_.get(); }
    [[nodiscard]] std::string path() const { return directory_ + "/ion"; }

    /// Serves one request; the ioctl, if it was one.
    std::optional<Pending> serve();

    /// Serves what has come already, dropping ioctls.
    void catch_up();

    /// Serves until an ioctl comes.
    std::optional<Pending> next();

    void answer(const Pending& call, std::int32_t error);

    /// The bytes that answer `call` with kPendingResult.
    static std::vector<std::byte> pending_reply(const Pending& call);

  private:
    void reply(std::uint64_t unique, std::int32_t error, std::span<const std::byte> body);

    std::string directory_;
    UniqueFd device_;
};

}  // namespace ion::test
