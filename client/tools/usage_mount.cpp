// SPDX-License-Identifier: Apache-2.0

#include "client/tools/usage_mount.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>

namespace {

/// No usage file is longer; what is, is none.
constexpr std::size_t kLongest = 256UL << 20;

/// Whose presence says that this is a usage mount, and that its daemon answers.
constexpr const char* kLandmark = "metrics";

}  // namespace

ion::Result<UsageMount> UsageMount::find(const CommonOptions& options) {
    const std::string path =
        options.usage_mount.empty() ? options.runtime_dir + "/debug" : options.usage_mount;
    ion::UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const ion::UniqueFd landmark(directory ? ::openat(directory.get(), kLandmark, O_RDONLY | O_CLOEXEC) : -1);
    if (!landmark) {
        const int error = errno == EACCES || errno == EPERM ? EACCES : ENOTCONN;
        const auto why = ion::fail_errno(errno, path);
        return ion::fail(
            error,
            why.context + (error == EACCES
                               ? ""
                               : ": no usage files of iond; is it running? --runtime-dir or --usage-mount "
                                 "say where"));
    }
    return UsageMount(path, std::move(directory));
}

ion::Result<std::string> UsageMount::read(const std::string& file) const {
    const std::string full = path_ + "/" + file;
    const ion::UniqueFd fd(::openat(directory_.get(), file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        return ion::fail_errno(errno, full);
    }
    std::string text;
    std::array<char, 65536> part{};
    while (true) {
        const ssize_t size = ::read(fd.get(), part.data(), part.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return ion::fail_errno(errno, full);
        }
        if (size == 0) {
            return text;
        }
        text.append(part.data(), static_cast<std::size_t>(size));
        if (text.size() > kLongest) {
            return ion::fail(EFBIG, full + ": too long for a usage file");
        }
    }
}

ion::Result<std::vector<std::string>> UsageMount::list(const std::string& directory) const {
    ion::UniqueFd fd(::openat(directory_.get(), directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fd ? ::fdopendir(fd.get()) : nullptr, ::closedir);
    if (!stream) {
        return ion::fail_errno(errno, path_ + "/" + directory);
    }
    (void)fd.release();  // the stream's
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(stream.get())) {
        if (entry->d_name[0] != '.') {
            names.emplace_back(entry->d_name);
        }
    }
    std::ranges::sort(names, [](const std::string& a, const std::string& b) {
        return std::tuple(a.size(), a) < std::tuple(b.size(), b);
    });
    return names;
}

ion::Result<ion::usage::Figures> UsageMount::figures() const {
    const auto text = read(kLandmark);
    if (!text) {
        return text.error();
    }
    return ion::usage::parse_figures(*text);
}
