// SPDX-License-Identifier: Apache-2.0
//
// BufferHolders: the processes that were found to have buffers open or mapped.

#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/base/file_id.h"

namespace ion {

/// One process that has one buffer.
struct BufferHolder {
    std::int32_t pid = 0;
    std::uint32_t uid = 0;          ///< its effective one; 0 as well for a process that may not be dumped
    std::string comm;               ///< of its leader, any bytes
    std::vector<std::int32_t> fds;  ///< ascending
    std::vector<std::pair<std::uint64_t, std::uint64_t>> mappings;  ///< addresses [first, second), ascending
};

/// What one look at all processes found.
struct BufferHolders {
    std::int64_t unix_ms = 0;    ///< when it was finished
    std::uint32_t unseen = 0;    ///< processes that are there but could not be looked into
    bool sees_everybody = true;  ///< false where processes of others are hidden (hidepid)
    std::unordered_map<FileId, std::vector<BufferHolder>> by_file;  ///< each list by ascending pid
    std::unordered_map<FileId, std::string> names;                  ///< of dma-bufs that have one, any bytes
};

}  // namespace ion
