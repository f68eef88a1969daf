// SPDX-License-Identifier: Apache-2.0
//
// UniqueFd: sole owner of one file descriptor.

#pragma once

#include <utility>

namespace ion {

/// Closes its descriptor when it goes. Closing never changes errno.
class UniqueFd {
  public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        reset(other.release());  // closes what this held; safe on self-move
        return *this;
    }
    ~UniqueFd() { reset(); }

    [[nodiscard]] int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

    /// Gives the descriptor up without closing it.
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }

    /// Closes the descriptor, if any, and takes over `fd`.
    void reset(int fd = -1);

  private:
    int fd_ = -1;
};

}  // namespace ion
