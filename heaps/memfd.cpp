// SPDX-License-Identifier: Apache-2.0

#include "heaps/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "heaps/descriptors.h"

namespace ion {
namespace {

constexpr unsigned kNoexecSeal = 0x0008;  // MFD_NOEXEC_SEAL of <linux/memfd.h>, Linux 6.3

int create_memfd(const char* name) {
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    const int fd = ::memfd_create(name, flags | kNoexecSeal);
    return fd < 0 && errno == EINVAL ? ::memfd_create(name, flags) : fd;  // an older kernel
}

}  // namespace

Result<UniqueFd> make_sealed_memfd(const char* name, std::uint64_t size_bytes) {
    if (size_bytes > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) {
        return fail(EINVAL, "memfd: larger than a file can be");
    }
    UniqueFd fd(create_memfd(name));
    if (!fd) {
        return descriptor_error(errno, "memfd_create");
    }
    if (::ftruncate(fd.get(), static_cast<off_t>(size_bytes)) != 0) {
        return fail_errno(errno, "memfd: ftruncate");
    }
    if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        return fail_errno(errno, "memfd: F_ADD_SEALS");
    }
    return fd;
}

Result<UniqueFd> make_buffer_memfd(std::uint64_t size_bytes) {
    const auto original = make_sealed_memfd("ion", size_bytes);
    return original ? reopen(original->get()) : original.error();
}

Result<UniqueFd> make_filled_memfd(std::uint64_t size_bytes) {
    static constexpr std::array<std::byte, std::size_t{64} << 10> kZeroes{};
    auto fd = make_buffer_memfd(size_bytes);
    for (std::uint64_t at = 0; fd && at < size_bytes;) {
        const auto length = std::min<std::uint64_t>(kZeroes.size(), size_bytes - at);
        const ssize_t written = ::pwrite(fd->get(), kZeroes.data(), length, static_cast<off_t>(at));
        if (written <= 0) {
            return fail_errno(written == 0 ? ENOSPC : errno, "memfd: pwrite");
        }
        at += static_cast<std::uint64_t>(written);
    }
    return fd;
}

Result<void> drop_pages(int fd, std::uint64_t offset, std::uint64_t size_bytes) {
    if (::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                    static_cast<off_t>(size_bytes)) != 0) {
        return fail_errno(errno, "memfd: FALLOC_FL_PUNCH_HOLE");
    }
    return {};
}

Result<std::unique_ptr<Memory>> MemfdMemory::create(std::uint64_t size_bytes) {
    auto fd = make_buffer_memfd(size_bytes);
    if (!fd) {
        return fd.error();
    }
    return adopt(*std::move(fd));
}

Result<std::unique_ptr<Memory>> MemfdMemory::adopt(UniqueFd fd) {
    const auto id = file_id_of(fd.get());
    if (!id) {
        return id.error();
    }
    return std::unique_ptr<Memory>(new MemfdMemory(std::move(fd), *id));
}

Result<UniqueFd> MemfdMemory::open_export() const {
    return reopen(fd_.get());
}

bool MemfdMemory::idle() const {
    if (::fcntl(fd_.get(), F_SETLEASE, F_WRLCK) != 0) {
        return false;
    }
    ::fcntl(fd_.get(), F_SETLEASE, F_UNLCK);
    return true;
}

}  // namespace ion
