// SPDX-License-Identifier: Apache-2.0
//
// Arena: the sealed memfd of a whole region, from which udmabuf carves buffers.

#pragma once

#include <cstdint>
#include <utility>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

/// Takes no pages until ranges of it are used. The loop thread only.
class Arena {
  public:
    [[nodiscard]] static Result<Arena> create(std::uint64_t size_bytes);

    /// Takes over the arena of an earlier worker. Errors: EINVAL when it is not of `size_bytes`.
    [[nodiscard]] static Result<Arena> adopt(UniqueFd fd, std::uint64_t size_bytes);

    [[nodiscard]] int fd() const { return fd_.get(); }

    /// Drops the pages of a range, so that its next user finds zeroes. Memory carved from it before keeps
    /// the old pages for itself.
    [[nodiscard]] Result<void> drop(std::uint64_t offset, std::uint64_t size_bytes) const;

  private:
    explicit Arena(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

}  // namespace ion
