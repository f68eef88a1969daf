// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/syscall_entry.h"

#include <algorithm>
#include <cassert>

namespace ion {
namespace {

using R = Registers;

/// Code segment of 64-bit user code (__USER_CS of the kernel); `syscall` means this table's row only there.
constexpr unsigned long long kUserCode64 = 0x33;

/// Highest errno that a system call returns (MAX_ERRNO of the kernel).
constexpr std::int64_t kMaxErrno = 4095;

// Numbers: arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, in the order of enum Call.
constexpr SyscallEntry kEntries[] = {
    {.instruction = {0x0f, 0x05},  // syscall
     .wide = true,
     .arguments = {&R::rdi, &R::rsi, &R::rdx, &R::r10, &R::r8, &R::r9},
     .numbers = {16, 9, 11, 3, 53, 41, 42, 47, 45, 292, 302}},
    {.instruction = {0xcd, 0x80},  // int 0x80: 32-bit programs, the vdso's landing pad, and from 64-bit code
     .wide = false,
     .arguments = {&R::rbx, &R::rcx, &R::rdx, &R::rsi, &R::rdi, &R::rbp},
     .numbers = {54, 192, 91, 6, 360, 359, 362, 372, 371, 330, 340}},
};

}  // namespace

void SyscallEntry::prepare(Registers& registers, Call call, std::span<const std::uint64_t> values) const {
    assert(values.size() <= arguments.size());
    registers.rip -= kEntrySize;
    registers.rax = numbers[static_cast<std::size_t>(call)];
    registers.orig_rax = ~0ULL;  // not inside a call: nothing to be restarted
    for (std::size_t i = 0; i < values.size(); ++i) {
        registers.*arguments[i] = values[i];
    }
}

bool SyscallEntry::in_ioctl(const Registers& registers, std::uint32_t command, std::uint64_t argument) const {
    const auto number = static_cast<std::uint32_t>(registers.orig_rax);
    const auto third = registers.*arguments[2];
    return number == numbers[static_cast<std::size_t>(Call::kIoctl)] &&
           static_cast<std::uint32_t>(registers.*arguments[1]) == command &&
           (wide ? third : static_cast<std::uint32_t>(third)) == argument;
}

std::int64_t SyscallEntry::result(const Registers& registers) const {
    if (wide) {
        return static_cast<std::int64_t>(registers.rax);
    }
    const auto low = static_cast<std::int32_t>(registers.rax);
    return low < 0 && low >= -kMaxErrno ? low : static_cast<std::int64_t>(static_cast<std::uint32_t>(low));
}

const SyscallEntry* find_entry(const Registers& registers, std::span<const std::uint8_t, kEntrySize> code) {
    for (const auto& entry : kEntries) {
        if (std::ranges::equal(code, entry.instruction) && (!entry.wide || registers.cs == kUserCode64)) {
            return &entry;
        }
    }
    return nullptr;
}

}  // namespace ion
