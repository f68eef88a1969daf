// SPDX-License-Identifier: Apache-2.0

#include "heaps/recyclable.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "daemon/base/checked_math.h"
#include "daemon/base/unique_fd.h"
#include "heaps/descriptors.h"

namespace ion {
namespace {

bool can_be_opened_again(int fd) {
    const auto again = reopen(fd);
    return again || again.error().code != ENXIO;  // what an inode without an open operation gives
}

bool can_be_pinned(int fd) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        return true;
    }
    const UniqueFd reader(ends[0]);
    const UniqueFd writer(ends[1]);
    void* const page = ::mmap(nullptr, kPageSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        return true;
    }
    const iovec whole{.iov_base = page, .iov_len = kPageSize};
    const bool refused =
        ::vmsplice(writer.get(), &whole, 1, SPLICE_F_NONBLOCK) < 0 && errno == EFAULT;  // no ordinary page
    ::munmap(page, kPageSize);
    return !refused;
}

}  // namespace

bool recyclable(const Memory& memory) {
    return memory.kind() != ExporterKind::kVgem && !can_be_opened_again(memory.fd()) &&
           !can_be_pinned(memory.fd());
}

}  // namespace ion
