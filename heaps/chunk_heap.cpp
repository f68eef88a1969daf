// SPDX-License-Identifier: Apache-2.0

#include "heaps/chunk_heap.h"

#include <utility>

#include "daemon/base/checked_math.h"
#include "heaps/chunk_placer.h"
#include "heaps/heap_parts.h"

namespace ion {

Result<std::uint64_t> ChunkHeap::phys(const Backing& /*buffer*/) const {
    return fail(ENODEV, "a buffer of chunks has no single physical address");
}

Result<std::unique_ptr<Heap>> make_chunk_heap(HeapParameters parameters) {
    const auto region = region_of(parameters);
    if (!region) {
        return region.error();
    }
    const std::uint64_t chunk_size = parameters.options.number("chunk_size");
    if (chunk_size % kPageSize != 0 || chunk_size > region->size) {
        return fail(EINVAL, "chunk_size must be a multiple of the page size within the heap's size");
    }
    auto parts = make_region_parts(std::move(parameters), std::make_unique<ChunkPlacer>(*region, chunk_size));
    if (!parts) {
        return parts.error();
    }
    return std::unique_ptr<Heap>(std::make_unique<ChunkHeap>(*std::move(parts)));
}

}  // namespace ion
