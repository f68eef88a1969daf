// SPDX-License-Identifier: Apache-2.0
//
// Puppet: a process that makes one system call after the other as it is told, with descriptors of its own.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/base/unique_fd.h"

namespace ion::test {

/// Which structs a command is made of: those of generation A (64-bit handles), or of B.
enum class Width : std::uint32_t { kPointer, kInt };

enum class Act : std::uint32_t {
    kOpen,     ///< value: the device's descriptor
    kClose,    ///< of any descriptor
    kAlloc,    ///< value: handle
    kAllocFd,  ///< generation C; value: descriptor
    kFree,
    kShare,   ///< value: descriptor
    kMap,     ///< the same
    kImport,  ///< value: handle
    kSync,
    kDuplicate,    ///< value: descriptor
    kExchangeTag,  ///< writes `tag` to the buffer's first bytes; value: what was there
    kHold,         ///< maps the buffer; value: address
    kDrop,         ///< unmaps `address`
    kGive,         ///< the descriptor comes with the report
    kTake,         ///< the descriptor comes with the order; value: its number
    kPipe,         ///< value: a descriptor that is no buffer
};

/// In the order of enum Act.
inline constexpr const char* kActNames[] = {"open", "close",     "ALLOC",        "ALLOC of a descriptor",
                                            "FREE", "SHARE",     "MAP",          "IMPORT",
                                            "SYNC", "duplicate", "exchange tag", "hold",
                                            "drop", "give",      "take",         "pipe"};

struct Order {
    Act act = Act::kOpen;
    Width width = Width::kInt;
    std::int32_t device = -1;
    std::int32_t fd = -1;
    std::uint64_t handle = 0;
    std::uint64_t length = 0;
    std::uint32_t heap_mask = 0;
    std::uint32_t flags = 0;
    std::uint64_t tag = 0;
    std::uint64_t address = 0;
};

struct Report {
    std::int32_t error = 0;  ///< errno, or 0
    std::int64_t value = 0;
};

/// Killed and reaped with its object.
class Puppet {
  public:
    explicit Puppet(const std::string& device);
    ~Puppet();
    Puppet(const Puppet&) = delete;
    Puppet& operator=(const Puppet&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }

    /// Has it begin. `fd` goes with the order.
    void begin(const Order& order, int fd = -1) const;

    /// What came of it, with the descriptor of kGive; nothing when no report comes within kPatience.
    [[nodiscard]] std::optional<Report> report(UniqueFd* fd = nullptr) const;

  private:
    pid_t pid_ = -1;
    UniqueFd socket_;
};

}  // namespace ion::test
