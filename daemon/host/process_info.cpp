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

/// What stands behind "KEY:\t" in a status file; empty when there is no such line.
std::string_view line_of(std::string_view status, std::string_view key) {
    std::size_t at = status.find(key);
    while (at != std::string_view::npos && at > 0 && status[at - 1] != '\n') {
        at = status.find(key, at + 1);
    }
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = status.substr(std::min(status.size(), at + key.size() + 2));
    return rest.substr(0, rest.find('\n'));
}

std::int32_t tgid_in(std::string_view status) {
    std::int32_t value = 0;
    const std::string_view text = line_of(status, "Tgid");
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

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

std::vector<std::uint32_t> groups_of(std::int32_t tid) {
    std::array<char, 16384> room{};  // a thousand groups and more
    std::string_view text = tid > 0 ? line_of(read_proc(tid, "status", room), "Groups") : std::string_view();
    std::vector<std::uint32_t> groups;
    std::uint32_t group = 0;
    for (;;) {
        text.remove_prefix(std::min(text.size(), text.find_first_not_of(' ')));
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), group);
        if (error != std::errc()) {
            return groups;
        }
        groups.push_back(group);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
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
