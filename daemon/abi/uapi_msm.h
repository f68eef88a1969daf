// SPDX-License-Identifier: Apache-2.0
//
// Wire structs and commands of the msm trees: cache maintenance, GET_FLAGS, PREFETCH and DRAIN (docs/abi.md).
//
// Names as in uapi_legacy.h. The cache commands changed number twice and kept their structs: 'I' 7..10
// (A0, A1), 'I' 20..23 (between A1 and A2), 'M' 0..3 (A2, B).

#pragma once

#include <linux/ioctl.h>

#include <cstddef>
#include <cstdint>

namespace ion::abi::uapi {

/// Cache maintenance of A, and of B for 32-bit programs.
struct Flush32 {
    std::int32_t handle;
    std::int32_t fd;
    std::uint32_t vaddr;
    std::uint32_t offset;
    std::uint32_t length;
};
struct Flush64 {
    std::uint64_t handle;
    std::int32_t fd;
    std::uint32_t pad;
    std::uint64_t vaddr;
    std::uint32_t offset;
    std::uint32_t length;
};
/// Cache maintenance of B for 64-bit programs: the handle is an int.
struct FlushInt64 {
    std::int32_t handle;
    std::int32_t fd;
    std::uint64_t vaddr;
    std::uint32_t offset;
    std::uint32_t length;
};
static_assert(sizeof(Flush32) == 20 && offsetof(Flush32, fd) == 4 && offsetof(Flush32, vaddr) == 8);
static_assert(offsetof(Flush32, offset) == 12 && offsetof(Flush32, length) == 16);
static_assert(sizeof(Flush64) == 32 && offsetof(Flush64, fd) == 8 && offsetof(Flush64, vaddr) == 16);
static_assert(offsetof(Flush64, offset) == 24 && offsetof(Flush64, length) == 28);
static_assert(sizeof(FlushInt64) == 24 && offsetof(FlushInt64, fd) == 4 && offsetof(FlushInt64, vaddr) == 8);
static_assert(offsetof(FlushInt64, offset) == 16 && offsetof(FlushInt64, length) == 20);

/// GET_FLAGS; `flags` is an unsigned long.
struct Flags32 {
    std::int32_t handle;
    std::uint32_t flags;
};
struct Flags64 {
    std::uint64_t handle;
    std::uint64_t flags;
};
static_assert(sizeof(Flags32) == 8 && offsetof(Flags32, flags) == 4);
static_assert(sizeof(Flags64) == 16 && offsetof(Flags64, flags) == 8);

/// PREFETCH and DRAIN in their first form: no regions. `heap_id` is a mask in all forms.
struct PrefetchPair32 {
    std::int32_t heap_id;
    std::uint32_t len;
};
struct PrefetchPair64 {
    std::int32_t heap_id;
    std::uint32_t pad;
    std::uint64_t len;
};
static_assert(sizeof(PrefetchPair32) == 8 && offsetof(PrefetchPair32, len) == 4);
static_assert(sizeof(PrefetchPair64) == 16 && offsetof(PrefetchPair64, len) == 8);

/// The region form: `regions` is the address of `nr_regions` Regions of the same width, their `sizes` the
/// address of `nr_sizes` numbers of that width.
struct PrefetchRegions32 {
    std::int32_t heap_id;
    std::uint32_t len;
    std::uint32_t regions;
    std::uint32_t nr_regions;
};
struct Region32 {
    std::uint32_t vmid;
    std::uint32_t sizes;
    std::uint32_t nr_sizes;
};
struct PrefetchRegions64 {
    std::int32_t heap_id;
    std::uint32_t pad0;
    std::uint64_t len;
    std::uint64_t regions;
    std::uint32_t nr_regions;
    std::uint32_t pad1;
};
struct Region64 {
    std::uint32_t vmid;
    std::uint32_t pad0;
    std::uint64_t sizes;
    std::uint32_t nr_sizes;
    std::uint32_t pad1;
};
static_assert(sizeof(PrefetchRegions32) == 16 && offsetof(PrefetchRegions32, nr_regions) == 12);
static_assert(sizeof(Region32) == 12 && offsetof(Region32, sizes) == 4 && offsetof(Region32, nr_sizes) == 8);
static_assert(sizeof(PrefetchRegions64) == 32 && offsetof(PrefetchRegions64, len) == 8);
static_assert(offsetof(PrefetchRegions64, regions) == 16 && offsetof(PrefetchRegions64, nr_regions) == 24);
static_assert(sizeof(Region64) == 24 && offsetof(Region64, sizes) == 8 && offsetof(Region64, nr_sizes) == 16);

/// The fixed-width form of msm-4.14 and 4.19; all numbers behind `sizes` are 64-bit.
struct PrefetchFixed {
    std::uint64_t len;
    std::uint64_t regions;
    std::uint32_t heap_id;
    std::uint32_t nr_regions;
};
struct RegionFixed {
    std::uint64_t sizes;
    std::uint32_t vmid;
    std::uint32_t nr_sizes;
};
static_assert(sizeof(PrefetchFixed) == 24 && offsetof(PrefetchFixed, regions) == 8);
static_assert(offsetof(PrefetchFixed, heap_id) == 16 && offsetof(PrefetchFixed, nr_regions) == 20);
static_assert(sizeof(RegionFixed) == 16 && offsetof(RegionFixed, vmid) == 8);

/// Commands by struct: `number` is 7, 8, 9 or 20, 21, 22 with magic 'I', or 0, 1, 2 with 'M'.
template <typename Flush>
constexpr std::uint32_t flush_command(char magic, unsigned number) {
    return _IOWR(static_cast<unsigned char>(magic), number, Flush);
}

inline constexpr std::uint32_t kGetFlagsFirst32 = _IOWR('I', 10, Flags32);
inline constexpr std::uint32_t kGetFlagsFirst64 = _IOWR('I', 10, Flags64);
inline constexpr std::uint32_t kGetFlagsSecond32 = _IOWR('I', 23, Flags32);
inline constexpr std::uint32_t kGetFlagsSecond64 = _IOWR('I', 23, Flags64);
inline constexpr std::uint32_t kGetFlags32 = _IOWR('M', 3, Flags32);
inline constexpr std::uint32_t kGetFlags64 = _IOWR('M', 3, Flags64);
inline constexpr std::uint32_t kPrefetchPair32 = _IOWR('M', 3, PrefetchPair32);
inline constexpr std::uint32_t kPrefetchPair64 = _IOWR('M', 3, PrefetchPair64);
inline constexpr std::uint32_t kPrefetchRegions32 = _IOWR('M', 3, PrefetchRegions32);
inline constexpr std::uint32_t kPrefetchRegions64 = _IOWR('M', 3, PrefetchRegions64);
inline constexpr std::uint32_t kPrefetchFixed = _IOWR('M', 3, PrefetchFixed);
inline constexpr std::uint32_t kDrainPair32 = _IOWR('M', 4, PrefetchPair32);
inline constexpr std::uint32_t kDrainPair64 = _IOWR('M', 4, PrefetchPair64);
inline constexpr std::uint32_t kDrainRegions32 = _IOWR('M', 4, PrefetchRegions32);
inline constexpr std::uint32_t kDrainRegions64 = _IOWR('M', 4, PrefetchRegions64);
inline constexpr std::uint32_t kDrainFixed = _IOWR('M', 4, PrefetchFixed);

// The numbers that mean two things; decode.h's DecodeOptions and the caller's width choose.
static_assert(kGetFlags32 == kPrefetchPair32);
static_assert(kGetFlags64 == kPrefetchPair64 && kGetFlags64 == kPrefetchRegions32);
static_assert(kDrainPair64 == kDrainRegions32);

}  // namespace ion::abi::uapi
