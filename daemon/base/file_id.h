// SPDX-License-Identifier: Apache-2.0
//
// FileId: which kernel object a descriptor refers to, whatever its number and whoever holds it.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "daemon/base/result.h"

namespace ion {

/// Device and inode of an open file: the identity of a memfd or dma-buf.
struct FileId {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend auto operator<=>(const FileId&, const FileId&) = default;
};

/// Identity of one of our own descriptors. Not for descriptors of clients: it may ask their file system.
Result<FileId> file_id_of(int fd);

/// True when `fd` is open and is that object (a number can have been reused for another).
[[nodiscard]] bool still_is(int fd, const FileId& file);

}  // namespace ion

template <>
struct std::hash<ion::FileId> {
    std::size_t operator()(const ion::FileId& id) const noexcept {
        return std::hash<std::uint64_t>{}(id.inode * 0x9E3779B97F4A7C15ULL ^ id.device);
    }
};
