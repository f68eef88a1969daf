// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/caller.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <climits>

#include "daemon/base/checked_math.h"
#include "daemon/deliver/client_fds.h"
#include "daemon/deliver/client_memory.h"
#include "daemon/host/process_info.h"

namespace ion {

Result<void> Caller::still_there() const {
    if (!listener_.waits(call_)) {
        return fail(ESRCH, "killed");
    }
    return {};
}

Result<void> Caller::read(std::uint64_t address, std::span<std::byte> into) const {
    auto done = read_client(call_.tid, address, into);
    return done ? still_there() : done;
}

Result<void> Caller::write(std::uint64_t address, std::span<const std::byte> from) const {
    auto there = still_there();
    return there ? write_client(call_.tid, address, from) : there;
}

Result<std::string> Caller::read_path(std::uint64_t address) const {
    std::string path;
    std::array<char, kPageSize> room{};
    while (path.size() < PATH_MAX) {  // a page at a time: the next one need not be there
        const auto piece = std::span(room).first(kPageSize - address % kPageSize);
        if (auto done = read(address, std::as_writable_bytes(piece)); !done) {
            return done.error();
        }
        const auto end = std::find(piece.begin(), piece.end(), '\0');
        path.append(piece.begin(), end);
        if (end != piece.end()) {
            return path;
        }
        address += piece.size();
    }
    return fail(ENAMETOOLONG, "path");
}

Result<FileId> Caller::identify(int number) const {
    auto file = identify_client_fd(call_.tid, number);
    if (auto there = still_there(); !there) {
        return there.error();
    }
    return file;
}

Result<void> Caller::check_range(std::uint64_t address, std::uint64_t length) const {
    const auto mapping = find_client_mapping(call_.tid, address, length);
    return mapping ? Result<void>() : mapping.error();
}

Opener Caller::opener(std::uint32_t open_flags) const {
    const ProcessInfo process = process_of_thread(call_.tid);
    struct stat owner {};
    (void)::stat(("/proc/" + std::to_string(call_.tid)).c_str(), &owner);
    return Opener{process.pid, process.comm,           owner.st_uid,        owner.st_gid,
                  open_flags,  cgroup_of(process.pid), groups_of(call_.tid)};
}

}  // namespace ion
