// SPDX-License-Identifier: Apache-2.0

#include "heaps/check/buffer_bytes.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace ion::check {

Result<BufferBytes> BufferBytes::map(const Backing& backing, std::uint64_t size) {
    const auto exported = backing.memory().open_export();
    if (!exported) {
        return exported.error();
    }
    void* const at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, exported->get(), 0);
    if (at == MAP_FAILED) {
        return fail_errno(errno, "mmap of an exported descriptor");
    }
    return BufferBytes({static_cast<std::byte*>(at), size});
}

BufferBytes::~BufferBytes() {
    if (!bytes_.empty()) {
        ::munmap(bytes_.data(), bytes_.size());
    }
}

void BufferBytes::fill(std::byte value) const {
    std::ranges::fill(bytes_, value);
}

std::size_t BufferBytes::first_other_than(std::byte value) const {
    // All equal: the first is `value`, and each is equal to the next. memcmp is many times faster than a loop.
    if (bytes_.front() == value && std::memcmp(bytes_.data(), bytes_.data() + 1, bytes_.size() - 1) == 0) {
        return bytes_.size();
    }
    const auto other = std::ranges::find_if(bytes_, [&](std::byte one) { return one != value; });
    return static_cast<std::size_t>(other - bytes_.begin());
}

}  // namespace ion::check
