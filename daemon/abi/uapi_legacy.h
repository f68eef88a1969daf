// SPDX-License-Identifier: Apache-2.0
//
// Wire structs and commands of generations A and B, which name buffers by handle (docs/abi.md).
//
// The digits in a name are the width of the struct's pointers: "32" is what a 32-bit program declares, "64" a
// 64-bit one. Generation B made handles an int, so both its widths have the 32-bit form where no size or
// pointer is left. A 4-byte handle is signed here, as in B: a negative one must match nothing.

#pragma once

#include <linux/ioctl.h>

#include <cstddef>
#include <cstdint>

namespace ion::abi::uapi {

/// ALLOC of A0 and A1: one word is heap mask (bit 31: secure) and flags. The 64-bit one has Alloc64's layout.
struct AllocOneWord32 {
    std::uint32_t len;
    std::uint32_t align;
    std::uint32_t flags;
    std::int32_t handle;
};
static_assert(sizeof(AllocOneWord32) == 16 && offsetof(AllocOneWord32, flags) == 8);
static_assert(offsetof(AllocOneWord32, handle) == 12);

/// ALLOC of A1's successors and B. A calls the mask heap_mask.
struct Alloc32 {
    std::uint32_t len;
    std::uint32_t align;
    std::uint32_t heap_id_mask;
    std::uint32_t flags;
    std::int32_t handle;
};
static_assert(sizeof(Alloc32) == 20 && offsetof(Alloc32, heap_id_mask) == 8);
static_assert(offsetof(Alloc32, flags) == 12 && offsetof(Alloc32, handle) == 16);

/// ALLOC of all of A and B. `flags` is padding in A0/A1; `handle` is an int and padding in B.
struct Alloc64 {
    std::uint64_t len;
    std::uint64_t align;
    std::uint32_t heap_id_mask;
    std::uint32_t flags;
    std::uint64_t handle;
};
static_assert(sizeof(Alloc64) == 32 && offsetof(Alloc64, align) == 8 &&
              offsetof(Alloc64, heap_id_mask) == 16);
static_assert(offsetof(Alloc64, flags) == 20 && offsetof(Alloc64, handle) == 24);

/// FREE.
struct Handle32 {
    std::int32_t handle;
};
struct Handle64 {
    std::uint64_t handle;
};
static_assert(sizeof(Handle32) == 4 && sizeof(Handle64) == 8);

/// MAP, SHARE, IMPORT, SYNC.
struct Fd32 {
    std::int32_t handle;
    std::int32_t fd;
};
struct Fd64 {
    std::uint64_t handle;
    std::int32_t fd;
    std::uint32_t pad;
};
static_assert(sizeof(Fd32) == 8 && offsetof(Fd32, fd) == 4);
static_assert(sizeof(Fd64) == 16 && offsetof(Fd64, fd) == 8);

/// CUSTOM: a command and argument for the platform's hook.
struct Custom32 {
    std::uint32_t cmd;
    std::uint32_t arg;
};
struct Custom64 {
    std::uint32_t cmd;
    std::uint32_t pad;
    std::uint64_t arg;
};
static_assert(sizeof(Custom32) == 8 && offsetof(Custom32, arg) == 4);
static_assert(sizeof(Custom64) == 16 && offsetof(Custom64, arg) == 8);

inline constexpr std::uint32_t kAllocOneWord32 = _IOWR('I', 0, AllocOneWord32);
inline constexpr std::uint32_t kAlloc32 = _IOWR('I', 0, Alloc32);
inline constexpr std::uint32_t kAlloc64 = _IOWR('I', 0, Alloc64);
inline constexpr std::uint32_t kFree32 = _IOWR('I', 1, Handle32);
inline constexpr std::uint32_t kFree64 = _IOWR('I', 1, Handle64);
inline constexpr std::uint32_t kMap32 = _IOWR('I', 2, Fd32);
inline constexpr std::uint32_t kMap64 = _IOWR('I', 2, Fd64);
inline constexpr std::uint32_t kShare32 = _IOWR('I', 4, Fd32);
inline constexpr std::uint32_t kShare64 = _IOWR('I', 4, Fd64);
/// IMPORT of A0 and A1: the number declares an int, the struct at the argument is a whole Fd32 or Fd64.
inline constexpr std::uint32_t kImportShort = _IOWR('I', 5, std::int32_t);
inline constexpr std::uint32_t kImport32 = _IOWR('I', 5, Fd32);
inline constexpr std::uint32_t kImport64 = _IOWR('I', 5, Fd64);
inline constexpr std::uint32_t kCustom32 = _IOWR('I', 6, Custom32);
inline constexpr std::uint32_t kCustom64 = _IOWR('I', 6, Custom64);
inline constexpr std::uint32_t kSync32 = _IOWR('I', 7, Fd32);
inline constexpr std::uint32_t kSync64 = _IOWR('I', 7, Fd64);

}  // namespace ion::abi::uapi
