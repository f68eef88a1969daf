// SPDX-License-Identifier: Apache-2.0
//
// SyscallEntry: one way to enter the kernel (x86-64): its instruction, registers, call numbers and pointer
// width.
//
// A client is recognized by the instruction in front of its instruction pointer. Everything that depends on
// the architecture of a client is here.

#pragma once

#include <sys/user.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ion {

using Registers = user_regs_struct;

/// The calls that are run in a client, and the one that it is in.
enum class Call : std::size_t {
    kIoctl,
    kMmap,
    kMunmap,
    kClose,
    kSocketpair,
    kSocket,
    kConnect,
    kRecvmsg,
    kRecvfrom,
    kDup3,
    kPrlimit,
};
inline constexpr std::size_t kCallCount = 11;

struct SyscallEntry {
    using Register = unsigned long long Registers::*;

    std::array<std::uint8_t, 2> instruction;        ///< its bytes; all entries have two
    bool wide;                                      ///< pointers, size_t and cmsghdr of 64 bits
    std::array<Register, 6> arguments;              ///< where each argument goes
    std::array<std::uint16_t, kCallCount> numbers;  ///< by Call; mmap takes its offset in pages or it is 0

    /// Sets `registers` up to execute `call` at the entry instruction before `registers.rip`.
    void prepare(Registers& registers, Call call, std::span<const std::uint64_t> values) const;

    /// Is a thread with these registers on its way out of ioctl(any descriptor, `command`, `argument`)?
    [[nodiscard]] bool in_ioctl(const Registers& registers, std::uint32_t command,
                                std::uint64_t argument) const;

    /// What the call returned: a value, or a negative errno.
    [[nodiscard]] std::int64_t result(const Registers& registers) const;
};

inline constexpr std::size_t kEntrySize = 2;

/// The entry with which a thread went into the kernel, from its registers and the kEntrySize bytes before its
/// instruction pointer; null when it is none that we know. A 32-bit `sysenter` or `syscall` comes back
/// through the vdso's landing pad, which has an `int 0x80` in front of it for exactly this purpose: repeating
/// a call.
const SyscallEntry* find_entry(const Registers& registers, std::span<const std::uint8_t, kEntrySize> code);

}  // namespace ion
