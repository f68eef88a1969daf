// SPDX-License-Identifier: Apache-2.0

#include "heaps/heap.h"

#include <fmt/format.h>
#include <sys/mman.h>

namespace ion {

Result<std::uint64_t> Heap::phys(const Backing& buffer) const {
    const auto placement = buffer.placement();
    if (!has_addresses() || placement.size() != 1) {
        return fail(ENODEV, "the buffer has no single physical address");
    }
    return placement.front().base;
}

Result<std::vector<PlacedRange>> Heap::map_dma(const Backing& buffer) {
    const auto placement = buffer.placement();
    if (placement.empty()) {
        return std::vector<PlacedRange>{{.base = 0, .size = buffer.size()}};
    }
    return std::vector<PlacedRange>(placement.begin(), placement.end());
}

void Heap::unmap_dma(const Backing& /*buffer*/) {}

Result<std::span<std::byte>> Heap::map_kernel(const Backing& buffer) {
    void* at = ::mmap(nullptr, buffer.size(), PROT_READ | PROT_WRITE, MAP_SHARED, buffer.memory().fd(), 0);
    if (at == MAP_FAILED) {
        return fail_errno(errno, "mmap of a buffer");
    }
    return std::span(static_cast<std::byte*>(at), buffer.size());
}

void Heap::unmap_kernel(const Backing& /*buffer*/, std::span<std::byte> bytes) {
    ::munmap(bytes.data(), bytes.size());
}

Result<void> Heap::map_user(const Backing& /*buffer*/) {
    return {};
}

void Heap::unmap_user(const Backing& /*buffer*/) {}

Result<void> Heap::cache_op(const Backing& /*buffer*/, CacheOperation /*operation*/, std::uint64_t /*offset*/,
                            std::uint64_t /*length*/) {
    return {};
}

Result<std::uint64_t> Heap::map_iommu(const Backing& /*buffer*/, const IommuMapping& /*mapping*/) {
    return fail(ENODEV, "the heap does not map into device address spaces");
}

void Heap::unmap_iommu(const Backing& /*buffer*/, const IommuMapping& /*mapping*/) {}

Result<void> Heap::secure() {
    return fail(EINVAL, "the heap has no content protection");
}

Result<void> Heap::unsecure() {
    return fail(EINVAL, "the heap has no content protection");
}

std::uint64_t Heap::shrink(std::uint64_t /*bytes*/) {
    return 0;
}

MemoryMap Heap::memory_map() const {
    return has_addresses() ? MemoryMap::kRangesAndGaps : MemoryMap::kNone;
}

std::string Heap::print_debug(DebugLayout layout) const {
    if (layout == DebugLayout::kB) {
        return {};
    }
    const HeapUsage figures = usage();
    std::string text = fmt::format("total bytes currently allocated: {:x}\n", figures.allocated);
    if (figures.total != 0) {
        text += fmt::format("total heap size: {:x}\n", figures.total);
    }
    return text;
}

}  // namespace ion
