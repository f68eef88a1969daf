// SPDX-License-Identifier: Apache-2.0

#include "heaps/dmabuf.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "heaps/descriptors.h"

namespace ion {
namespace {

constexpr unsigned long kOwnReference = 1;  // the daemon's descriptor; the reader of fdinfo is not counted

}  // namespace

Result<std::unique_ptr<Memory>> DmabufMemory::adopt(ExporterKind kind, UniqueFd fd) {
    const auto id = file_id_of(fd.get());
    if (!id) {
        return id.error();
    }
    return std::unique_ptr<Memory>(new DmabufMemory(kind, std::move(fd), *id));
}

Result<UniqueFd> DmabufMemory::open_export() const {
    UniqueFd copy(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
    if (!copy) {
        return descriptor_error(errno, "F_DUPFD_CLOEXEC");
    }
    return copy;
}

bool DmabufMemory::idle() const {
    std::array<char, 40> path{};
    static_cast<void>(std::snprintf(path.data(), path.size(), "/proc/self/fdinfo/%d", fd_.get()));
    const UniqueFd file(::open(path.data(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return false;
    }
    std::array<char, 512> text{};  // the kernel's lines up to `count:` take less than 150 bytes
    const ssize_t length = ::read(file.get(), text.data(), text.size());
    if (length <= 0) {
        return false;
    }
    return parse_dmabuf_count({text.data(), static_cast<std::size_t>(length)}) == kOwnReference;
}

std::optional<unsigned long> parse_dmabuf_count(std::string_view fdinfo) {
    // The first such line is the kernel's: the name that a client may give the dma-buf comes after it.
    constexpr std::string_view line = "\ncount:\t";
    const auto at = fdinfo.find(line);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const char* const first = fdinfo.data() + at + line.size();
    const char* const last = fdinfo.data() + fdinfo.size();
    unsigned long count = 0;
    const auto [end, error] = std::from_chars(first, last, count);
    if (error != std::errc{} || end == last || *end != '\n') {
        return std::nullopt;  // not a number, or cut off within it
    }
    return count;
}

}  // namespace ion
