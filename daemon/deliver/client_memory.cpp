// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/client_memory.h"

#include <sys/sysmacros.h>
#include <sys/uio.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <string>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

/// An address of another process, in the form that iovec wants it.
iovec remote(std::uint64_t address, std::size_t length) {
    return {reinterpret_cast<void*>(address), length};  // NOLINT(performance-no-int-to-ptr)
}

Result<void> whole(ssize_t done, std::size_t wanted, const char* what) {
    if (done < 0) {
        return fail_errno(errno, what);
    }
    if (static_cast<std::size_t>(done) != wanted) {
        return fail(EFAULT, std::string(what) + ": partly");
    }
    return {};
}

}  // namespace

Result<void> read_client(pid_t tid, std::uint64_t address, std::span<std::byte> into) {
    const iovec local{into.data(), into.size()};
    const iovec theirs = remote(address, into.size());
    return whole(::process_vm_readv(tid, &local, 1, &theirs, 1, 0), into.size(), "process_vm_readv");
}

Result<void> write_client(pid_t tid, std::uint64_t address, std::span<const std::byte> from) {
    const iovec local{const_cast<std::byte*>(from.data()), from.size()};  // iovec serves both directions
    const iovec theirs = remote(address, from.size());
    return whole(::process_vm_writev(tid, &local, 1, &theirs, 1, 0), from.size(), "process_vm_writev");
}

Result<ClientMapping> find_client_mapping(pid_t tid, std::uint64_t address, std::uint64_t length) {
    const auto end = checked_add(address, length);
    if (!end) {
        return fail(EINVAL, "range wraps");
    }
    std::ifstream maps("/proc/" + std::to_string(tid) + "/maps");
    if (!maps) {
        return fail_errno(errno == ENOENT ? ESRCH : errno, "maps");
    }
    for (std::string line; std::getline(maps, line);) {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        std::uint64_t offset = 0;
        std::uint64_t inode = 0;
        std::array<char, 5> permissions{};
        unsigned major = 0;
        unsigned minor = 0;
        // NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers
        if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64, &first, &last,
                        permissions.data(), &offset, &major, &minor, &inode) != 7) {
            return fail(EIO, "unexpected line in maps");
        }
        if (address < last) {  // the first mapping that ends above `address`: this one or none
            if (first <= address && *end <= last) {
                return ClientMapping{.file = {.device = makedev(major, minor), .inode = inode},
                                     .offset = offset + (address - first),
                                     .writable = permissions[1] == 'w'};
            }
            break;
        }
    }
    return fail(EINVAL, "range is not inside one mapping");
}

}  // namespace ion
