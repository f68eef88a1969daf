// SPDX-License-Identifier: Apache-2.0

#include "tests/stress/freezer.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "daemon/base/unique_fd.h"
#include "tests/node/patience.h"

namespace ion::test {

std::vector<FreezerKind> freezers_in_use() {
    std::vector<FreezerKind> kinds{FreezerKind::kCgroup2};
    std::ifstream mounts("/proc/self/mounts");
    std::string source, directory, type, options, rest;
    while (mounts >> source >> directory >> type >> options && std::getline(mounts, rest)) {
        if (type == "cgroup" && (options + ",").find(",freezer,") != std::string::npos) {
            kinds.push_back(FreezerKind::kOldFreezer);
            break;
        }
    }
    return kinds;
}

Freezer::Freezer(FreezerKind kind) : kind_(kind) {
    const bool old = kind == FreezerKind::kOldFreezer;
    std::string pattern = std::filesystem::temp_directory_path() / "ion-freezer-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
        missing_ = std::strerror(errno);
        return;
    }
    mount_ = pattern;
    if (::mount("none", mount_.c_str(), old ? "cgroup" : "cgroup2", 0, old ? "freezer" : nullptr) != 0) {
        missing_ = std::string(old ? "cgroup freezer: " : "cgroup2: ") + std::strerror(errno);
        return;
    }
    group_ = mount_ + "/ion-stress-" + std::to_string(::getpid());
    if (::mkdir(group_.c_str(), 0755) != 0) {
        missing_ = group_ + ": " + std::strerror(errno);
    }
}

Freezer::~Freezer() {
    if (!group_.empty()) {
        (void)thaw();
        (void)eventually([this] { return ::rmdir(group_.c_str()) == 0 || errno == ENOENT; });
        ::umount2(mount_.c_str(), MNT_DETACH);
    }
    ::rmdir(mount_.c_str());
}

bool Freezer::write(const char* file, const std::string& text) const {
    const UniqueFd fd(::open((group_ + "/" + file).c_str(), O_WRONLY | O_CLOEXEC));
    return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool Freezer::take(pid_t pid) {
    return write("cgroup.procs", std::to_string(pid));
}

bool Freezer::is_frozen() const {
    std::ifstream file(group_ + (kind_ == FreezerKind::kCgroup2 ? "/cgroup.events" : "/freezer.state"));
    for (std::string line; std::getline(file, line);) {
        if (line == "frozen 1" || line == "FROZEN") {
            return true;
        }
    }
    return false;
}

bool Freezer::freeze() {
    const bool asked =
        kind_ == FreezerKind::kCgroup2 ? write("cgroup.freeze", "1") : write("freezer.state", "FROZEN");
    return asked && eventually([this] { return is_frozen(); });
}

bool Freezer::thaw() {
    return kind_ == FreezerKind::kCgroup2 ? write("cgroup.freeze", "0") : write("freezer.state", "THAWED");
}

}  // namespace ion::test
