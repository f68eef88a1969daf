// SPDX-License-Identifier: Apache-2.0
//
// AllocationRefusal: an allocation that failed, and what the heaps looked like then.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/core/allocation_request.h"
#include "daemon/core/ids.h"
#include "heaps/heap.h"

namespace ion {

/// As many as a refusal names.
inline constexpr std::size_t kHoldersShown = 5;

/// Somebody who held memory when an allocation was refused.
struct RefusalHolder {
    std::int32_t pid = 0;
    std::string comm;
    std::uint32_t uid = 0;
    std::uint64_t bytes = 0;  ///< of the heaps asked
};

/// A heap that was asked.
struct RefusalHeap {
    std::string name;
    HeapUsage usage;
};

struct AllocationRefusal {
    std::uint64_t number = 0;       ///< counts from 1
    std::int64_t unix_seconds = 0;  ///< when
    ClientId client;
    std::int32_t pid = 0;
    std::string comm;
    std::uint32_t uid = 0;
    AllocationRequest request;
    int error = 0;       ///< what the client was answered, a positive errno
    std::string reason;  ///< of the last heap that was asked, or why none was
    std::vector<RefusalHeap> heaps;
    std::vector<RefusalHolder> holders;  ///< most bytes first, at most kHoldersShown
};

}  // namespace ion
