// SPDX-License-Identifier: Apache-2.0

#include "heaps/heap_parts.h"

#include <string>
#include <utility>

#include "daemon/base/checked_math.h"
#include "daemon/base/log.h"

namespace ion {

Result<ExporterChain> open_exporters(const HeapParameters& parameters) {
    auto opened = make_exporters(parameters.exporters);
    if (!opened) {
        return opened.error();
    }
    for (const std::string& reason : opened->skipped) {
        ION_DEBUG("heap", "heap {} does without {}", parameters.name, reason);
    }
    return std::move(opened->chain);
}

Result<PlacedRange> region_of(const HeapParameters& parameters) {
    const PlacedRange region{.base = parameters.base, .size = parameters.size};
    if (region.base == 0 || region.base % kPageSize != 0) {
        return fail(EINVAL, "the base must be a multiple of the page size above 0");
    }
    if (region.size == 0 || region.size % kPageSize != 0 || !checked_add(region.base, region.size)) {
        return fail(EINVAL, "the size must be a multiple of the page size above 0 within 64 bits");
    }
    return region;
}

Result<RegionHeap::Parts> make_region_parts(HeapParameters parameters, std::unique_ptr<Placer> placer) {
    auto exporters = open_exporters(parameters);
    if (!exporters) {
        return exporters.error();
    }
    return RegionHeap::prepare({.base = parameters.base, .size = parameters.size}, std::move(placer),
                               *std::move(exporters), std::move(parameters.arena));
}

Result<std::unique_ptr<Heap>> make_region_heap(HeapParameters parameters, std::unique_ptr<Placer> placer) {
    auto parts = make_region_parts(std::move(parameters), std::move(placer));
    if (!parts) {
        return parts.error();
    }
    return std::unique_ptr<Heap>(std::make_unique<RegionHeap>(*std::move(parts)));
}

}  // namespace ion
