// SPDX-License-Identifier: Apache-2.0

#include "heaps/system_contig_heap.h"

#include <bit>
#include <string>
#include <utility>

#include "heaps/heap_parts.h"

namespace ion {

Result<void> SystemContigHeap::check_alignment(const HeapRequest& request) const {
    const std::uint64_t block =
        std::bit_ceil(request.size_bytes);  // no more than half of the memory: no overflow
    if (request.align_bytes > block) {
        return fail(EINVAL, "a block of " + std::to_string(block) + " bytes is aligned to its size only");
    }
    return {};
}

Result<std::unique_ptr<Memory>> SystemContigHeap::make_memory(const HeapRequest& request) {
    if (request.size_bytes > largest_) {
        return fail(ENOMEM, std::to_string(request.size_bytes) + " bytes are more than the largest block");
    }
    return UnplacedHeap::make_memory(request);
}

Result<std::unique_ptr<Heap>> make_system_contig_heap(HeapParameters parameters) {
    auto exporters = open_exporters(parameters);
    if (!exporters) {
        return exporters.error();
    }
    return std::unique_ptr<Heap>(std::make_unique<SystemContigHeap>(
        *std::move(exporters), parameters.total_ram, parameters.options.number("largest")));
}

}  // namespace ion
