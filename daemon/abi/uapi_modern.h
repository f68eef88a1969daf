// SPDX-License-Identifier: Apache-2.0
//
// Wire structs and commands of generations C and D, alike for 32- and 64-bit programs (docs/abi.md).

#pragma once

#include <linux/ioctl.h>

#include <cstddef>
#include <cstdint>

namespace ion::abi::uapi {

/// ALLOC that returns a descriptor. Callers leave `fd` and `unused` uninitialised.
struct AllocFd {
    std::uint64_t len;
    std::uint32_t heap_id_mask;
    std::uint32_t flags;
    std::int32_t fd;
    std::uint32_t unused;
};
static_assert(sizeof(AllocFd) == 24 && offsetof(AllocFd, heap_id_mask) == 8);
static_assert(offsetof(AllocFd, flags) == 12 && offsetof(AllocFd, fd) == 16);

struct HeapQueryData {
    std::uint32_t cnt;
    std::uint32_t reserved0;
    std::uint64_t heaps;  ///< address of an array of HeapData, or 0
    std::uint32_t reserved1;
    std::uint32_t reserved2;
};
static_assert(sizeof(HeapQueryData) == 24 && offsetof(HeapQueryData, heaps) == 8);
static_assert(offsetof(HeapQueryData, reserved1) == 16 && offsetof(HeapQueryData, reserved2) == 20);

/// One record of HEAP_QUERY's array.
struct HeapData {
    char name[32];  ///< always ends in NUL
    std::uint32_t type;
    std::uint32_t heap_id;
    std::uint32_t reserved[3];
};
static_assert(sizeof(HeapData) == 52 && offsetof(HeapData, type) == 32 && offsetof(HeapData, heap_id) == 36);

inline constexpr std::uint32_t kAllocFd = _IOWR('I', 0, AllocFd);
inline constexpr std::uint32_t kHeapQuery = _IOWR('I', 8, HeapQueryData);
inline constexpr std::uint32_t kAbiVersion = _IOR('I', 9, std::uint32_t);

}  // namespace ion::abi::uapi
