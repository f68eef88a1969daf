// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/process_info.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "daemon/base/unique_fd.h"

namespace ion {

namespace {

/// Reads the front of /proc/<id>/<name>; Tgid and comm lie within the first few hundred bytes.
std::string_view read_proc(std::int32_t id, const char* name, std::span<char> room) {
    std::array<char, 64> path{};
    std::snprintf(path.data(), path.size(), "/proc/%d/%s", id, name);
    const UniqueFd file(::open(path.data(), O_RDONLY | O_CLOEXEC));
    const ssize_t size = file ? ::read(file.get(), room.data(), room.size()) : -1;
    return {room.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
}

std::int32_t tgid_in(std::string_view status) {
    constexpr std::string_view key = "\nTgid:\t";
    const std::size_t at = status.find(key);
    std::int32_t value = 0;
    if (at != std::string_view::npos) {
        const char* begin = status.data() + at + key.size();
        std::from_chars(begin, status.data() + status.size(), value);
    }
    return value;
}

}  // namespace

bool in_group(std::int32_t tid, std::uint32_t group) {
    constexpr std::string_view kKey = "\nGroups:\t";
    std::array<char, 8192> room{};
    std::string_view groups = tid > 0 ? read_proc(tid, "status", room) : std::string_view();
    const std::size_t at = groups.find(kKey);
    if (at == std::string_view::npos) {
        return false;
    }
    groups.remove_prefix(at + kKey.size());
    groups = groups.substr(0, groups.find('\n'));
    const char* const end = groups.data() + groups.size();
    for (const char* at_number = groups.data(); at_number < end;) {  // numbers, a blank behind each
        std::uint32_t one = 0;
        const auto parsed = std::from_chars(at_number, end, one);
        if (parsed.ec == std::errc{} && one == group) {
            return true;
        }
        at_number = parsed.ptr + 1;
    }
    return false;
}

std::string cgroup_of(std::int32_t pid) {
    std::array<char, 4096> room{};
    std::string_view lines = pid > 0 ? read_proc(pid, "cgroup", room) : std::string_view();
    std::string first;
    while (!lines.empty()) {  // "HIERARCHY:CONTROLLERS:PATH"; version 2 is "0::PATH"
        const std::string_view line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(lines.size(), line.size() + 1));
        const std::size_t path = line.find(':', line.find(':') + 1);
        if (path == std::string_view::npos) {
            continue;
        }
        if (line.starts_with("0::")) {
            return std::string(line.substr(path + 1));
        }
        if (first.empty()) {
            first = line.substr(path + 1);
        }
    }
    return first;
}

ProcessInfo process_of_thread(std::int32_t tid) {
    ProcessInfo info;
    if (tid <= 0) {
        return info;
    }
    std::array<char, 512> room{};
    info.pid = tgid_in(read_proc(tid, "status", room));
    if (info.pid == 0) {
        return info;
    }
    std::string_view comm = read_proc(info.pid, "comm", room);
    if (!comm.empty() && comm.back() == '\n') {
        comm.remove_suffix(1);
    }
    comm.substr(0, info.comm.size() - 1).copy(info.comm.data(), info.comm.size() - 1);
    return info;
}

}  // namespace ion
