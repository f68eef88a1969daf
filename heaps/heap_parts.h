// SPDX-License-Identifier: Apache-2.0
//
// What most heap types make their heaps from.

#pragma once

#include <memory>

#include "daemon/base/result.h"
#include "heaps/exporter_chain.h"
#include "heaps/heap_type.h"
#include "heaps/placer.h"
#include "heaps/region_heap.h"

namespace ion {

/// The exporters that a heap is to use; those that this machine lacks are logged and left out.
///
/// Errors: ENODEV when none of them can be had, with every reason.
[[nodiscard]] Result<ExporterChain> open_exporters(const HeapParameters& parameters);

/// The region of the parameters. Errors: EINVAL when it is none: base and size must be multiples of the page size
/// above 0 whose sum does not wrap.
[[nodiscard]] Result<PlacedRange> region_of(const HeapParameters& parameters);

/// What a RegionHeap of `placer` over the region of the parameters, which region_of() has found good, is made from.
/// Errors: as open_exporters() and RegionHeap::prepare().
[[nodiscard]] Result<RegionHeap::Parts> make_region_parts(HeapParameters parameters,
                                                          std::unique_ptr<Placer> placer);

/// A RegionHeap of these parts. Errors: as make_region_parts().
[[nodiscard]] Result<std::unique_ptr<Heap>> make_region_heap(HeapParameters parameters,
                                                             std::unique_ptr<Placer> placer);

}  // namespace ion
