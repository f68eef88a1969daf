// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/holder_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "daemon/host/wall_clock.h"

namespace ion {
namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

/// Null with errno when it cannot be opened.
Directory open_directory(int at, const char* path) {
    UniqueFd fd(::openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR* directory = fd ? ::fdopendir(fd.get()) : nullptr;
    if (directory != nullptr) {
        (void)fd.release();
    }
    return Directory(directory);
}

/// Calls `visit` with each entry whose name is a number.
template <typename Visit>
void for_each_number(DIR* directory, const Visit& visit) {
    while (const dirent* entry = ::readdir(directory)) {
        const std::string_view name(entry->d_name);
        std::int32_t number = 0;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
        if (parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size()) {
            visit(number, entry->d_name);
        }
    }
}

constexpr std::string_view kMemfd = "/memfd:";
constexpr std::string_view kDmabuf = "/dmabuf:";

/// True for what links and maps call the files that buffers are.
bool may_be_buffer(std::string_view link) {
    return link.starts_with(kMemfd) || link.starts_with(kDmabuf);
}

/// The whole of a file of a process; nullopt with errno.
std::optional<std::string> read_all(int at, const char* path) {
    const UniqueFd file(::openat(at, path, O_RDONLY | O_CLOEXEC));
    if (!file) {
        return std::nullopt;
    }
    std::string text;
    std::array<char, 16384> part;
    ssize_t size = 0;
    while ((size = ::read(file.get(), part.data(), part.size())) > 0) {
        text.append(part.data(), static_cast<std::size_t>(size));
    }
    return size < 0 ? std::nullopt : std::optional(std::move(text));
}

/// What one process has, by file.
using Holdings = std::unordered_map<FileId, BufferHolder>;

enum class Seen : std::uint8_t { kAll, kNothing, kForbidden };

Seen failure() {
    return errno == EACCES || errno == EPERM ? Seen::kForbidden : Seen::kNothing;
}

/// Calls `visit` with number, file and link of each descriptor in `path` that may be a buffer.
template <typename Visit>
Seen for_each_descriptor(int process, const char* path, const Visit& visit) {
    const Directory directory = open_directory(process, path);
    if (!directory) {
        return failure();
    }
    bool any = false;
    Seen seen = Seen::kAll;
    for_each_number(directory.get(), [&](std::int32_t number, const char* name) {
        any = true;
        std::array<char, 256> link;
        const ssize_t size = ::readlinkat(::dirfd(directory.get()), name, link.data(), link.size());
        const std::string_view target(link.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
        if (size < 0 && failure() == Seen::kForbidden) {
            seen = Seen::kForbidden;
        }
        struct stat status {};
        if (may_be_buffer(target) && ::fstatat(::dirfd(directory.get()), name, &status, 0) == 0) {
            visit(number, FileId{status.st_dev, status.st_ino}, target);
        }
    });
    return seen == Seen::kAll && !any ? Seen::kNothing : seen;
}

/// One line of a maps file: "FROM-TO PERMS OFFSET MAJOR:MINOR INODE  PATH".
void add_mapping(const std::string& line, Holdings& holdings) {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint64_t inode = 0;
    unsigned major_number = 0;
    unsigned minor_number = 0;
    int path = 0;
    const int fields = std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %*s %*x %x:%x %" SCNu64 " %n",
                                   &from, &to, &major_number, &minor_number, &inode, &path);
    if (fields != 5 || !may_be_buffer(std::string_view(line).substr(static_cast<std::size_t>(path)))) {
        return;
    }
    auto& ranges = holdings[FileId{makedev(major_number, minor_number), inode}].mappings;
    if (!ranges.empty() && ranges.back().second == from) {
        ranges.back().second = to;  // one mapping whose parts have other rights
    } else {
        ranges.emplace_back(from, to);
    }
}

Seen add_mappings(int process, const char* path, Holdings& holdings) {
    const auto maps = read_all(process, path);
    if (!maps) {
        return failure();
    }
    for (std::size_t at = 0; at < maps->size();) {
        const std::size_t end = std::min(maps->find('\n', at), maps->size());
        add_mapping(maps->substr(at, end - at), holdings);
        at = end + 1;
    }
    return maps->empty() ? Seen::kNothing : Seen::kAll;
}

Seen look_into(int process, const std::string& prefix, Holdings& holdings) {
    const auto note = [&](std::int32_t number, FileId file, std::string_view) {
        holdings[file].fds.push_back(number);
    };
    const Seen fds = for_each_descriptor(process, (prefix + "fd").c_str(), note);
    const Seen maps = add_mappings(process, (prefix + "maps").c_str(), holdings);
    if (fds == Seen::kForbidden || maps == Seen::kForbidden) {
        return Seen::kForbidden;
    }
    return fds == Seen::kNothing && maps == Seen::kNothing ? Seen::kNothing : Seen::kAll;
}

/// The leader may have ended before its threads: then they tell what the process has.
Seen look_into_threads(int process, Holdings& holdings) {
    const Directory tasks = open_directory(process, "task");
    Seen seen = Seen::kNothing;
    if (tasks) {
        for_each_number(tasks.get(), [&](std::int32_t, const char* thread) {
            if (seen == Seen::kNothing) {
                seen = look_into(process, "task/" + std::string(thread) + "/", holdings);
            }
        });
    }
    return seen;
}

void look_at_process(int proc, std::int32_t pid, const char* name, BufferHolders& found) {
    const UniqueFd process(::openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct stat status {};
    if (!process || ::fstat(process.get(), &status) != 0) {
        return;  // it has ended
    }
    Holdings holdings;
    Seen seen = look_into(process.get(), "", holdings);
    if (seen == Seen::kNothing) {
        seen = look_into_threads(process.get(), holdings);
    }
    found.unseen += seen == Seen::kForbidden ? 1 : 0;
    if (holdings.empty()) {
        return;
    }
    std::string comm = read_all(process.get(), "comm").value_or(std::string());
    if (!comm.empty() && comm.back() == '\n') {
        comm.pop_back();
    }
    for (auto& [file, holder] : holdings) {
        holder.pid = pid;
        holder.uid = status.st_uid;
        holder.comm = comm;
        std::ranges::sort(holder.fds);
        found.by_file[file].push_back(std::move(holder));
    }
}

void note_names(int proc, pid_t pid, BufferHolders& found) {
    const auto note = [&](std::int32_t, FileId file, std::string_view link) {
        if (link.starts_with(kDmabuf) && link.size() > kDmabuf.size()) {
            found.names[file] = link.substr(kDmabuf.size());
        }
    };
    (void)for_each_descriptor(proc, (std::to_string(pid) + "/fd").c_str(), note);
}

}  // namespace

BufferHolders find_holders(const std::string& proc, const std::set<pid_t>& without, pid_t named) {
    BufferHolders found;
    const Directory directory = open_directory(AT_FDCWD, proc.c_str());
    if (directory) {
        for_each_number(directory.get(), [&](std::int32_t pid, const char* name) {
            if (!without.contains(pid)) {
                look_at_process(::dirfd(directory.get()), pid, name, found);
            }
        });
        if (named != 0) {
            note_names(::dirfd(directory.get()), named, found);
        }
    }
    // Where processes of others are hidden, this one, which everybody has, is too.
    found.sees_everybody = directory && ::faccessat(::dirfd(directory.get()), "1/stat", F_OK, 0) == 0;
    for (auto& [file, holders] : found.by_file) {
        std::ranges::sort(holders, {}, &BufferHolder::pid);
    }
    found.unix_ms = unix_ms();
    return found;
}

}  // namespace ion
