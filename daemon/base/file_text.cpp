// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/file_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "daemon/base/unique_fd.h"

namespace ion {

std::string file_text(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    std::array<char, 4096> room{};
    ssize_t size = file ? ::read(file.get(), room.data(), room.size()) : 0;
    while (size > 0) {
        text.append(room.data(), static_cast<std::size_t>(size));
        size = ::read(file.get(), room.data(), room.size());
    }
    return text;
}

}  // namespace ion
