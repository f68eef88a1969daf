// SPDX-License-Identifier: Apache-2.0
//
// Bytes to Request and back. Pure: no system call, no state; the source of every layout is docs/abi.md.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "daemon/abi/request.h"

namespace ion::abi {

/// Bytes of the largest struct of Linux 5.10, union ion_ioctl_arg: larger ones are EINVAL before anything is copied.
inline constexpr std::uint32_t kLargestOfLinux510 = 24;

/// What numbers mean that later trees used again.
struct DecodeOptions {
    /// C008490A, C0084D03 and, from 64-bit callers, C0104D03 are msm's GET_FLAGS. If not, the last two are
    /// PREFETCH without regions, and the first, a HiSilicon cache command, is unknown.
    bool msm_get_flags = true;

    /// Only what Linux 5.10 has, ALLOC and HEAP_QUERY of generation C (and the extension); all else is refused
    /// in that driver's order: a struct of more than 24 bytes, an argument that cannot be read, the number.
    bool linux_5_10 = false;
};

/// Understands one ioctl, or says which memory it needs for that. Errors: ENOTTY for a command that no
/// generation has; EINVAL for one whose declared size exceeds every ION struct (checked first, as the kernel
/// did from 3.10 on), for an input shorter than declared, for PREFETCH with more than 32 regions or 64 sizes in
/// one, and for answers that do not match what was asked for; EFAULT for addresses that wrap around.
[[nodiscard]] DecodeResult decode(const Call& call, const DecodeOptions& options);

/// The caller's struct with those of `outputs` filled in that `fields` has a place for: every other byte goes
/// back as it came. `call` is the one that was decoded into `fields`.
[[nodiscard]] EncodedReply encode(const Call& call, const OutputFields& fields, const Outputs& outputs);

/// Address in the caller's memory of the fd field of this call's struct. Requires fields.fd.
[[nodiscard]] std::uint64_t fd_address(const Call& call, const OutputFields& fields);

/// One record of HEAP_QUERY's array. Names longer than 31 bytes are cut.
struct HeapRecord {
    std::string name;
    std::uint32_t type = 0;
    std::uint32_t id = 0;
};
inline constexpr std::size_t kHeapRecordSize = 52;  ///< bytes

/// The records as the caller's array holds them.
[[nodiscard]] std::vector<std::byte> encode_heap_records(std::span<const HeapRecord> records);

}  // namespace ion::abi
