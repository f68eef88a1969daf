// SPDX-License-Identifier: Apache-2.0

#include "heaps/arena.h"

#include <sys/stat.h>

#include "heaps/memfd.h"

namespace ion {

Result<Arena> Arena::create(std::uint64_t size_bytes) {
    auto fd = make_sealed_memfd("ion-arena", size_bytes);
    if (!fd) {
        return fd.error();
    }
    return Arena(*std::move(fd));
}

Result<Arena> Arena::adopt(UniqueFd fd, std::uint64_t size_bytes) {
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) {
        return fail_errno(errno, "arena: fstat");
    }
    if (static_cast<std::uint64_t>(status.st_size) != size_bytes) {
        return fail(EINVAL, "the arena is of another size than the region");
    }
    return Arena(std::move(fd));
}

Result<void> Arena::drop(std::uint64_t offset, std::uint64_t size_bytes) const {
    return drop_pages(fd_.get(), offset, size_bytes);
}

}  // namespace ion
