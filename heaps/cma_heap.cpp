// SPDX-License-Identifier: Apache-2.0

#include "heaps/cma_heap.h"

#include <algorithm>
#include <vector>

#include "daemon/base/checked_math.h"
#include "daemon/base/log.h"
#include "heaps/address_text.h"
#include "heaps/cma_placer.h"
#include "heaps/heap_parts.h"

namespace ion {
namespace {

Error in_option(std::string_view option, const Error& error) {
    return fail(error.code, std::string(option) + ": " + error.context);
}

/// Pages in `busy` never move.
CmaPlacer::Migrate stuck_at(std::vector<PlacedRange> busy) {
    return [busy = std::move(busy)](const PlacedRange& range) {
        const bool meets = std::ranges::any_of(busy, [&](const PlacedRange& stuck) {
            return stuck.base < range.base + range.size && range.base < stuck.base + stuck.size;
        });
        return meets ? EBUSY : 0;
    };
}

Result<CmaArea> area_of(const HeapParameters& parameters) {
    const auto region = region_of(parameters);
    if (!region) {
        return region.error();
    }
    auto zones = parse_addresses(parameters.options.text("zones"));
    if (!zones) {
        return in_option("zones", zones.error());
    }
    const auto order = static_cast<std::uint32_t>(parameters.options.number("order_per_bit"));
    if ((region->base | region->size) % (kPageSize << order) != 0) {
        return fail(EINVAL, "base and size must be multiples of 2^order_per_bit pages");
    }
    return CmaArea{.region = *region,
                   .order_per_bit = order,
                   .max_align_order = static_cast<std::uint32_t>(parameters.options.number("cma_alignment")),
                   .zones = *std::move(zones)};
}

}  // namespace

Result<std::unique_ptr<Backing>> CmaHeap::allocate(const HeapRequest& request) {
    if (!generation_a_) {
        return RegionHeap::allocate(request);
    }
    auto backing = RegionHeap::allocate({.size_bytes = request.size_bytes, .flags = request.flags});
    if (!backing) {
        return fail(EPERM, backing.error().context);
    }
    return backing;
}

Result<std::unique_ptr<Heap>> make_cma_heap(HeapParameters parameters) {
    auto area = area_of(parameters);
    if (!area) {
        return area.error();
    }
    auto busy = parse_ranges(parameters.options.text("busy"));
    if (!busy) {
        return in_option("busy", busy.error());
    }
    auto placer = std::make_unique<CmaPlacer>(*std::move(area), stuck_at(*std::move(busy)));
    if (!placer->activated()) {
        ION_WARN_ABOUT(log::Subject{.heap = parameters.name}, "heap",
                       "heap {}: its area is in several memory zones and was dropped: it has no memory",
                       parameters.name);
    }
    const bool generation_a = parameters.generation_a;
    auto parts = make_region_parts(std::move(parameters), std::move(placer));
    if (!parts) {
        return parts.error();
    }
    return std::unique_ptr<Heap>(std::make_unique<CmaHeap>(*std::move(parts), generation_a));
}

}  // namespace ion
