// SPDX-License-Identifier: Apache-2.0
//
// AllocationRequest: what a client asks the heaps for.

#pragma once

#include <cstdint>

namespace ion {

/// In which order the heaps of a mask are tried, by id.
enum class HeapOrder : std::uint8_t { kDescending, kAscending };

struct AllocationRequest {
    std::uint64_t length = 0;  ///< bytes, as the client gave it
    std::uint64_t align = 0;
    std::uint32_t heap_mask = 0;
    std::uint32_t flags = 0;
    HeapOrder order = HeapOrder::kDescending;
    bool owned = false;   ///< generation C: no handle, charged to the client's file
    bool secure = false;  ///< msm: only heaps that protect content are tried; `flags` tell them so
};

}  // namespace ion
