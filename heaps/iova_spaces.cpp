// SPDX-License-Identifier: Apache-2.0

#include "heaps/iova_spaces.h"

#include <fmt/format.h>

namespace ion {

Result<PlacedRange> IovaSpaces::take(const IommuMapping& mapping, std::uint64_t buffer_size) {
    if (mapping.domain >= layout_.domains || mapping.partition >= layout_.partitions) {
        return fail(EINVAL, fmt::format("no partition {} of domain {}", mapping.partition, mapping.domain));
    }
    const std::uint64_t length = mapping.length == 0 ? buffer_size : mapping.length;
    if (length < buffer_size) {
        return fail(EINVAL, fmt::format("{} bytes of addresses for {} of the buffer", length, buffer_size));
    }
    return space(mapping.domain, mapping.partition).allocate(length, mapping.align);
}

void IovaSpaces::release(std::uint32_t domain, std::uint32_t partition, const PlacedRange& range) {
    space(domain, partition).release(range);
}

RangeAllocator& IovaSpaces::space(std::uint32_t domain, std::uint32_t partition) {
    const PlacedRange range{.base = layout_.base + partition * layout_.partition_size,
                            .size = layout_.partition_size};
    return spaces_.try_emplace({domain, partition}, range).first->second;
}

}  // namespace ion
