// SPDX-License-Identifier: Apache-2.0

#include "heaps/system_heap.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "heaps/heap_parts.h"
#include "heaps/recyclable.h"

namespace ion {
namespace {

constexpr std::uint32_t kFlagCached = 1;  // ION_FLAG_CACHED of every generation

/// At most this part of the machine's memory is kept, whatever the configuration says.
constexpr std::uint64_t kPoolShare = 16;

bool is_cached(const HeapRequest& request) {
    return (request.flags & kFlagCached) != 0;
}

}  // namespace

Result<std::unique_ptr<Memory>> SystemHeap::make_memory(const HeapRequest& request) {
    if (auto kept = pool_->take(request.size_bytes, is_cached(request))) {
        return kept;
    }
    auto made = UnplacedHeap::make_memory(request);
    if (!made && made.error().code == ENOMEM && pool_->shrink(UINT64_MAX) != 0) {
        return UnplacedHeap::make_memory(request);
    }
    return made;
}

void SystemHeap::give_back(std::unique_ptr<Memory> memory, const HeapRequest& request) {
    pool_->put(std::move(memory), request.size_bytes, is_cached(request));
}

HeapUsage SystemHeap::usage() const {
    HeapUsage usage = UnplacedHeap::usage();
    usage.deferred = pool_->deferred_bytes();
    usage.pooled = pool_->pooled_bytes();
    return usage;
}

std::string SystemHeap::print_debug(DebugLayout layout) const {
    if (layout == DebugLayout::kA) {
        return Heap::print_debug(layout);
    }
    std::string text;
    for (const bool cached : {false, true}) {
        const char* const caching = cached ? "cached" : "uncached";
        const PageBlocks blocks = pool_->pooled_blocks(cached);
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            // A 64-bit kernel has no high memory; parsers want its lines all the same.
            text += fmt::format("0 order {} highmem pages {} 0 total\n", kPageOrders.at(i), caching);
            text += fmt::format("{} order {} lowmem pages {} {} total\n", blocks.at(i), kPageOrders.at(i),
                                caching, blocks.at(i) * block_size(i));
        }
    }
    return text;
}

Result<std::unique_ptr<Heap>> make_system_heap(HeapParameters parameters) {
    auto exporters = open_exporters(parameters);
    if (!exporters) {
        return exporters.error();
    }
    const PoolLimits limits{
        .bytes = std::min(parameters.options.number("pool_bytes"), parameters.total_ram / kPoolShare),
        .largest = parameters.options.number("pool_largest"),
        .pieces = parameters.options.number("pool_buffers")};
    return std::unique_ptr<Heap>(
        std::make_unique<SystemHeap>(*std::move(exporters), parameters.total_ram,
                                     MemoryPool::create(parameters.scrubber, limits, recyclable)));
}

}  // namespace ion
