// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/buffer_memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "daemon/base/checked_math.h"

namespace ion {

Result<void> write_buffer(int fd, std::uint64_t size, std::uint64_t offset, std::span<const std::byte> from) {
    const auto end = checked_add(offset, from.size());
    if (!end || *end > size) {
        return fail(EFAULT, "beyond the buffer");
    }
    const std::uint64_t inside = offset % kPageSize;  // a mapping begins with a page
    const std::size_t length = inside + from.size();
    void* const pages =
        ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset - inside));
    if (pages == MAP_FAILED) {
        return fail_errno(errno, "mmap");
    }
    std::memcpy(static_cast<std::byte*>(pages) + inside, from.data(), from.size());
    ::munmap(pages, length);
    return {};
}

}  // namespace ion
