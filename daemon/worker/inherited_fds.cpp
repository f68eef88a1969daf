// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/inherited_fds.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <vector>

namespace ion {

namespace {

struct DirectoryCloser {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

std::vector<int> open_descriptors() {
    std::vector<int> found;
    const std::unique_ptr<DIR, DirectoryCloser> directory(::opendir("/proc/self/fd"));
    if (!directory) {
        return found;
    }
    while (const dirent* entry = ::readdir(directory.get())) {
        int fd = -1;
        const char* end = entry->d_name + std::strlen(entry->d_name);
        if (std::from_chars(entry->d_name, end, fd).ec == std::errc() && fd != ::dirfd(directory.get())) {
            found.push_back(fd);
        }
    }
    return found;
}

std::vector<int> named_by(const State& state) {
    std::vector<int> named;
    for (const auto& [id, buffer] : state.buffers()) {
        named.push_back(buffer.made.fd);
    }
    for (const auto& [key, channel] : state.channels()) {
        named.push_back(channel.fd);
    }
    for (const auto& [fd, injector] : state.injectors()) {
        named.push_back(fd);
    }
    for (const auto& [heap, arena] : state.arenas()) {
        named.push_back(arena.fd);
    }
    return named;
}

}  // namespace

void close_unnamed(std::span<const int> keeper_fds, const State& state) {
    std::vector<int> keep = named_by(state);
    keep.insert(keep.end(), keeper_fds.begin(), keeper_fds.end());
    std::sort(keep.begin(), keep.end());
    for (const int fd : open_descriptors()) {
        if (!std::binary_search(keep.begin(), keep.end(), fd)) {
            ::close(fd);
        }
    }
}

bool still_is(int fd, const FileId& file) {
    const auto found = file_id_of(fd);
    return found && *found == file;
}

}  // namespace ion
