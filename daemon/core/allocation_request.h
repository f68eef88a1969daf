// SPDX-License-Identifier: Apache-2.0
//
// AllocationRequest: what a client asks the heaps for.

#pragma once

#include <cstdint>
#include <vector>

#include "daemon/core/fault_rule.h"
#include "heaps/heap.h"

namespace ion {

/// In which order the heaps of a mask are tried, by id.
enum class HeapOrder : std::uint8_t { kDescending, kAscending };

struct AllocationRequest {
    std::uint64_t length = 0;  ///< bytes, as the client gave it
    std::uint64_t align = 0;
    std::uint32_t heap_mask = 0;
    std::uint32_t flags = 0;
    HeapOrder order = HeapOrder::kDescending;
    bool owned = false;           ///< generation C: no handle, charged to the client's file
    bool secure = false;          ///< msm: only heaps that protect content are tried; `flags` tell them so
    std::vector<Fault> faults{};  ///< heaps that are to refuse
};

/// msm's generation A asks for protected content by bit 31 of the word that is, or was, both mask and flags.
inline void read_secure_bit(AllocationRequest& request) {
    request.flags |= request.heap_mask & kFlagSecure;
    request.heap_mask &= ~kFlagSecure;
    request.secure = (request.flags & kFlagSecure) != 0;
}

}  // namespace ion
