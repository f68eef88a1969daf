// SPDX-License-Identifier: Apache-2.0

#include "heaps/heap_catalog.h"

#include <array>
#include <utility>

#include "daemon/base/log.h"
#include "heaps/carveout_heap.h"
#include "heaps/exporter_chain.h"
#include "heaps/system_heap.h"

namespace ion {
namespace {

/// The exporters of one heap; those that this machine lacks are logged and left out.
Result<ExporterChain> open_exporters(const HeapParameters& parameters) {
    auto opened = make_exporters(parameters.exporters);
    if (!opened) {
        return fail(opened.error().code, "heap " + parameters.name + ": " + opened.error().context);
    }
    for (const std::string& reason : opened->skipped) {
        ION_DEBUG("heap", "heap {} does without {}", parameters.name, reason);
    }
    return std::move(opened->chain);
}

Result<std::unique_ptr<Heap>> make_system(HeapParameters parameters) {
    auto exporters = open_exporters(parameters);
    if (!exporters) {
        return exporters.error();
    }
    return std::unique_ptr<Heap>(std::make_unique<SystemHeap>(*std::move(exporters), parameters.total_ram));
}

Result<std::unique_ptr<Heap>> make_carveout(HeapParameters parameters) {
    auto exporters = open_exporters(parameters);
    if (!exporters) {
        return exporters.error();
    }
    auto heap = CarveoutHeap::create({.base = parameters.base, .size = parameters.size}, parameters.align,
                                     *std::move(exporters), std::move(parameters.arena));
    if (!heap) {
        return fail(heap.error().code, "heap " + parameters.name + ": " + heap.error().context);
    }
    return heap;
}

// Numbers: enum ion_heap_type of drivers/staging/android/uapi/ion.h, the same in 3.14 to 5.10.
constexpr std::array<HeapType, 2> kHeapTypes{{
    {"system", 0, make_system},
    {"carveout", 2, make_carveout},
}};

}  // namespace

std::span<const HeapType> heap_types() {
    return kHeapTypes;
}

const HeapType* find_heap_type(std::string_view name) {
    for (const HeapType& type : kHeapTypes) {
        if (type.name == name) {
            return &type;
        }
    }
    return nullptr;
}

}  // namespace ion
