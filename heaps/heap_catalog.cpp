// SPDX-License-Identifier: Apache-2.0

#include "heaps/heap_catalog.h"

#include <array>
#include <utility>

#include "daemon/base/checked_math.h"
#include "heaps/chunk_heap.h"
#include "heaps/cma_heap.h"
#include "heaps/cp_heap.h"
#include "heaps/first_fit_placer.h"
#include "heaps/heap_parts.h"
#include "heaps/iommu_heap.h"
#include "heaps/pass_through_heap.h"
#include "heaps/system_contig_heap.h"
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
    HeapType{.name = "system_contig",
             .mainline_number = 1,
             .msm34_number = 1,
             .region = RegionNeed::kNone,
             .options = kSystemContigOptions,
             .make = make_system_contig_heap},
    HeapType{.name = "carveout",
             .mainline_number = 2,
             .msm34_number = 2,
             .region = RegionNeed::kRequired,
             .options = {},
             .make = make_carveout},
    HeapType{.name = "chunk",
             .mainline_number = 3,
             .msm34_number = std::nullopt,
             .region = RegionNeed::kRequired,
             .options = kChunkOptions,
             .make = make_chunk_heap},
    // What a custom heap does is its vendor's secret: here it is a carveout that calls itself custom.
    HeapType{.name = "custom",
             .mainline_number = 5,
             .msm34_number = 6,
             .region = RegionNeed::kRequired,
             .options = {},
             .make = make_carveout},
    HeapType{.name = "dma_heap",
             .mainline_number = std::nullopt,
             .msm34_number = std::nullopt,
             .region = RegionNeed::kNone,
             .options = kPassThroughOptions,
             .make = make_pass_through_heap},
    HeapType{.name = "cma",
             .other_name = "dma",
             .mainline_number = 4,
             .msm34_number = 5,
             .region = RegionNeed::kRequired,
             .options = kCmaOptions,
             .make = make_cma_heap},
    HeapType{.name = "cp",
             .mainline_number = std::nullopt,
             .msm34_number = 4,
             .region = RegionNeed::kRequired,
             .options = kCpOptions,
             .make = make_cp_heap},
    HeapType{.name = "iommu",
             .mainline_number = std::nullopt,
             .msm34_number = 3,
             .region = RegionNeed::kNone,
             .options = kIommuOptions,
             .make = make_iommu_heap},
};

}  // namespace

std::span<const HeapType> builtin_heap_types() {
    return kBuiltinTypes;
}

}  // namespace ion
