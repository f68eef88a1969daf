// SPDX-License-Identifier: Apache-2.0

#include "heaps/heap_catalog.h"

#include <array>
#include <utility>

#include "daemon/base/checked_math.h"
#include "heaps/first_fit_placer.h"
#include "heaps/heap_parts.h"
#include "heaps/system_heap.h"

namespace ion {
namespace {

Result<std::unique_ptr<Heap>> make_carveout(HeapParameters parameters) {
    if (!is_power_of_two(parameters.align)) {
        return fail(EINVAL, "the alignment must be a power of two");
    }
    const auto region = region_of(parameters);
    if (!region) {
        return region.error();
    }
    auto placer = std::make_unique<FirstFitPlacer>(*region, parameters.align);
    return make_region_heap(std::move(parameters), std::move(placer));
}

constexpr std::array kBuiltinTypes{
    HeapType{.name = "system",
             .mainline_number = 0,
             .msm34_number = 0,
             .region = RegionNeed::kNone,
             .options = kSystemHeapOptions,
             .make = make_system_heap},
    HeapType{.name = "carveout",
             .mainline_number = 2,
             .msm34_number = 2,
             .region = RegionNeed::kRequired,
             .options = {},
             .make = make_carveout},
};

}  // namespace

std::span<const HeapType> builtin_heap_types() {
    return kBuiltinTypes;
}

}  // namespace ion
