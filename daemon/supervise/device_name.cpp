// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/device_name.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <optional>

namespace ion {

namespace {

/// As the kernel's own limit.
constexpr int kMaxLinks = 40;

struct SplitPath {
    std::string directory;  ///< with its slash
    std::string last;
};

SplitPath split(const std::string& path) {
    const auto slash = path.rfind('/') + 1;
    return {path.substr(0, slash), path.substr(slash)};
}

std::optional<std::string> link_target(const std::string& path) {
    std::array<char, PATH_MAX> room{};
    const ssize_t size = ::readlink(path.c_str(), room.data(), room.size());
    return size < 0 ? std::nullopt : std::optional(std::string(room.data(), static_cast<std::size_t>(size)));
}

bool same_directory(const std::string& one, const std::string& other) {
    struct stat a {};
    struct stat b {};
    return ::stat(one.c_str(), &a) == 0 && ::stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

}  // namespace

bool leads_to_device(const OpenedPath& opened, const std::string& name) {
    if (opened.path.empty()) {
        return false;
    }
    const std::string process = "/proc/" + std::to_string(opened.tid);
    const std::string root = process + "/root";
    const std::string start = opened.directory == AT_FDCWD
                                  ? process + "/cwd/"
                                  : process + "/fd/" + std::to_string(opened.directory) + "/";
    std::string path = opened.path.front() == '/' ? root + opened.path : start + opened.path;
    for (int links = 0; links < kMaxLinks; ++links) {
        const auto [directory, last] = split(path);
        if (last == name && same_directory(directory, root + "/dev")) {
            return true;
        }
        const auto target = opened.follow_last_link ? link_target(path) : std::nullopt;
        if (!target || target->empty()) {
            return false;
        }
        path = target->front() == '/' ? root + *target : directory + *target;
    }
    return false;
}

}  // namespace ion
