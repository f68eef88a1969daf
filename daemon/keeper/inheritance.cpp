// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/inheritance.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/keeper/fd_store.h"

namespace ion {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return parts;
}

std::optional<int> number(std::string_view text) {
    int value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// The manager drops what hangs up: a connection that somebody has aborted.
FdNumbers take_stored() {
    FdNumbers stored = take_stored_fds();
    const bool has_device = stored.contains(inherited::kCuse) || stored.contains(inherited::kNode);
    if (has_device && stored.contains(inherited::kUsage) && stored.contains(inherited::kControl) &&
        stored.contains(inherited::kLock) && stored.contains(inherited::kJournal)) {
        return stored;
    }
    for (const auto& [name, fd] : stored) {
        forget_fd(name);
        ::close(fd);
    }
    return {};
}

}  // namespace

std::string descriptors_text(const FdNumbers& descriptors) {
    std::string text;
    for (const auto& [name, fd] : descriptors) {
        text += (text.empty() ? "" : ":") + name + "=" + std::to_string(fd);
    }
    return text;
}

FdNumbers take_inherited() {
    FdNumbers descriptors;
    const char* value = std::getenv(kDescriptorsVariable);
    if (value == nullptr) {
        return take_stored();
    }
    const std::string left = value;
    ::unsetenv(kDescriptorsVariable);
    for (const std::string_view part : split(left, ':')) {
        const auto equals = std::min(part.find('='), part.size());
        const auto fd = number(part.substr(std::min(equals + 1, part.size())));
        if (fd && *fd > STDERR_FILENO && ::fcntl(*fd, F_GETFD) >= 0) {
            descriptors.emplace(part.substr(0, equals), *fd);
        }
    }
    return descriptors;
}

FdNumbers moved_up(const FdNumbers& descriptors, int end) {
    FdNumbers moved = descriptors;
    for (auto& [name, fd] : moved) {
        if (const int higher = fd < end ? ::fcntl(fd, F_DUPFD_CLOEXEC, end) : -1; higher >= 0) {
            ::close(fd);
            fd = higher;
        }
    }
    return moved;
}

}  // namespace ion
