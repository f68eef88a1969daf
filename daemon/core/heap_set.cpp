// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/heap_set.h"

#include <algorithm>

namespace ion {

Result<void> HeapSet::add(RegisteredHeap heap) {
    const auto at = std::lower_bound(heaps_.begin(), heaps_.end(), heap.id,
                                     [](const RegisteredHeap& one, HeapId id) { return one.id < id; });
    if (at != heaps_.end() && at->id == heap.id) {
        return fail(EEXIST, "heap id " + std::to_string(heap.id.value) + " is taken by \"" + at->name + "\"");
    }
    heaps_.insert(at, std::move(heap));
    return {};
}

std::unique_ptr<Heap> HeapSet::remove(HeapId id) {
    const auto found = std::ranges::find(heaps_, id, &RegisteredHeap::id);
    if (found == heaps_.end()) {
        return nullptr;
    }
    auto heap = std::move(found->heap);
    heaps_.erase(found);
    return heap;
}

void HeapSet::set_rules(HeapId id, HeapRules rules) {
    if (const auto found = std::ranges::find(heaps_, id, &RegisteredHeap::id); found != heaps_.end()) {
        found->rules = std::move(rules);
    }
}

std::vector<const RegisteredHeap*> HeapSet::matching(std::uint32_t mask, HeapOrder order) const {
    std::vector<const RegisteredHeap*> chosen;
    for (const auto& heap : heaps_) {
        if ((mask >> heap.id.value & 1U) != 0) {
            chosen.push_back(&heap);
        }
    }
    if (order == HeapOrder::kDescending) {
        std::reverse(chosen.begin(), chosen.end());
    }
    return chosen;
}

const RegisteredHeap* HeapSet::find(HeapId id) const {
    for (const auto& heap : heaps_) {
        if (heap.id == id) {
            return &heap;
        }
    }
    return nullptr;
}

}  // namespace ion
