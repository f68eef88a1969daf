// SPDX-License-Identifier: Apache-2.0
//
// UsageTransport: the FUSE mount of the usage files. Content is fixed when a file is opened; its size is exact
// and pages are not cached (direct I/O), so that cat, cp, tail and busybox all see the same bytes.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "daemon/transport/fuse_session.h"
#include "daemon/usage/tree.h"

namespace ion {

/// Who asks for something.
struct UsageCaller {
    std::int32_t tid = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
};

/// Whose files they are.
struct UsageOwner {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t mode_mask = 0777;  ///< of files' and directories' permissions
};

/// What serves the usage files.
class UsageHandler {
  public:
    UsageHandler() = default;
    UsageHandler(const UsageHandler&) = delete;
    UsageHandler& operator=(const UsageHandler&) = delete;
    virtual ~UsageHandler() = default;

    /// What the caller may see.
    [[nodiscard]] virtual TreeNames names(const UsageCaller& caller) const = 0;

    [[nodiscard]] virtual UsageOwner owner() const = 0;

    /// Bytes that a file has: for a thread, those of what it has open, if it has.
    [[nodiscard]] virtual std::uint64_t size(std::uint64_t inode, const UsageCaller& caller) const = 0;

    /// Null when `file` is not open.
    [[nodiscard]] virtual const std::string* content(std::uint64_t file) const = 0;

    /// Carries out what is written to a file; 0 or a positive errno.
    virtual int write(std::uint64_t inode, std::string_view text) = 0;

    /// Both finish their slot by FuseSession::send().
    virtual void open(SlotIndex slot, std::uint64_t inode, const UsageCaller& caller) = 0;
    virtual void release(SlotIndex slot, std::uint64_t file) = 0;
};

class UsageTransport {
  public:
    /// `fd`: the /dev/fuse descriptor of the mount, borrowed. `handler` outlives this.
    static Result<std::unique_ptr<UsageTransport>> create(Journal& journal, int fd, UsageHandler& handler);

    [[nodiscard]] FuseSession& session() { return session_; }

    // For the library's callbacks:
    [[nodiscard]] UsageHandler& handler() { return handler_; }

  private:
    UsageTransport(Journal& journal, int fd, UsageHandler& handler)
        : session_(journal, SessionId::kUsage, fd), handler_(handler) {}

    FuseSession session_;
    UsageHandler& handler_;
};

}  // namespace ion
