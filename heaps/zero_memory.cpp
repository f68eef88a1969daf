// SPDX-License-Identifier: Apache-2.0

#include "heaps/zero_memory.h"

#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace ion {
namespace {

/// ENOTTY: a memfd, which has neither caches to look after nor a name of its own.
bool done_or_not_a_dmabuf(int result) {
    return result == 0 || errno == ENOTTY;
}

bool synchronise(int fd, std::uint64_t edge) {
    const dma_buf_sync sync{.flags = DMA_BUF_SYNC_WRITE | edge};
    int result = -1;
    do {
        result = ::ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
    } while (result != 0 && (errno == EINTR || errno == EAGAIN));
    return done_or_not_a_dmabuf(result);
}

}  // namespace

bool zero_memory(int fd, std::uint64_t size_bytes) {
    // From offset 0, in one piece: not every driver honours the offset of a mapping.
    void* const at = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        return false;
    }
    bool zeroed = synchronise(fd, DMA_BUF_SYNC_START);
    if (zeroed) {
        std::memset(at, 0, size_bytes);
        zeroed = synchronise(fd, DMA_BUF_SYNC_END);
    }
    ::munmap(at, size_bytes);
    return zeroed && done_or_not_a_dmabuf(::ioctl(fd, DMA_BUF_SET_NAME, ""));
}

}  // namespace ion
