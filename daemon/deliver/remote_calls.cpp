// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/remote_calls.h"

#include <sys/mman.h>

#include "daemon/base/checked_math.h"
#include "daemon/deliver/client_memory.h"

namespace ion {

Result<std::uint64_t> RemoteCalls::operator()(Call call, std::initializer_list<std::uint64_t> arguments) {
    auto registers = registers_;
    entry_.prepare(registers, call, {arguments.begin(), arguments.size()});
    const auto set = tracee_.set_registers(registers);
    if (!set) {
        return set.error();
    }
    const auto ran = tracee_.run_call();
    if (!ran) {
        return ran.error();
    }
    const auto after = tracee_.registers();
    if (!after) {
        return after.error();
    }
    const auto result = entry_.result(*after);
    if (result < 0) {
        return fail_errno(static_cast<int>(-result), "call in the client");
    }
    return static_cast<std::uint64_t>(result);
}

Result<void> RemoteCalls::map_scratch() {
    const auto page =
        (*this)(Call::kMmap, {0, kPageSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, ~0ULL, 0});
    if (!page) {  // a limit on address space, mappings or locked memory; EAGAIN would be taken for "try again"
        return fail(page.error().code == ESRCH ? ESRCH : ENOMEM, page.error().context);
    }
    scratch_ = *page;
    return {};
}

void RemoteCalls::unmap_scratch() {
    const auto unmapped = (*this)(Call::kMunmap, {scratch_, kPageSize});
    (void)unmapped;  // fails only if the client is dead or has unmapped it itself
}

Result<void> RemoteCalls::put(std::span<const std::byte> bytes) {
    return write_client(tid(), scratch_, bytes);
}

Result<void> RemoteCalls::get(std::span<std::byte> bytes) {
    return read_client(tid(), scratch_, bytes);
}

}  // namespace ion
