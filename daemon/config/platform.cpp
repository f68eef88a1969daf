// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/platform.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "daemon/base/checked_math.h"
#include "daemon/config/heap_rules.h"
#include "daemon/config/memory_windows.h"
#include "daemon/config/placement.h"
#include "daemon/config/ranges.h"

namespace ion {
namespace {

PlacedRange region_of(const HeapConfig& heap) {
    return {.base = heap.base, .size = heap.size};
}

/// What is placed as one.
struct Block {
    HeapConfig* heap = nullptr;
    HeapConfig* neighbour = nullptr;  // null: there is none
    std::uint64_t size = 0;           // of both

    void put(std::uint64_t base) const {
        heap->base = base;
        heap->secured = region_of(*heap);
        if (neighbour != nullptr) {
            neighbour->base = base + heap->size;
            neighbour->secured = {.base = base, .size = size};
        }
    }
};

/// The heap that `heap` names, or why it cannot be its neighbour.
Result<HeapConfig*> neighbour_of(const HeapConfig& heap, std::span<HeapConfig> heaps) {
    const auto no = [&](const std::string& why) {
        return heap_mistake(heap.where, "adjacent", quoted(heap.adjacent) + " " + why);
    };
    const auto found = std::ranges::find(heaps, heap.adjacent, &HeapConfig::name);
    if (found == heaps.end()) {
        return no("is no heap");
    }
    if (&*found == &heap) {
        return no("is this heap itself");
    }
    if (found->size == 0) {
        return no("is a " + found->type + " heap, which has no region (" + found->where + ")");
    }
    if (!found->adjacent.empty()) {
        return no("has an adjacent heap of its own (" + found->where + ")");
    }
    if (found->base != 0) {
        return no("has a base of its own (" + found->where + "), but lies right behind " + quoted(heap.name));
    }
    if (found->memory != heap.memory) {
        return no("is in another memory (" + found->where + ")");
    }
    const auto rival = std::ranges::find(heaps, heap.adjacent, &HeapConfig::adjacent);
    if (&*rival != &heap) {
        return no("is already adjacent to " + quoted(rival->name) + " (" + rival->where + ")");
    }
    return &*found;
}

Result<Block> block_of(HeapConfig& heap, std::span<HeapConfig> heaps) {
    Block block{.heap = &heap, .neighbour = nullptr, .size = heap.size};
    if (heap.adjacent.empty()) {
        return block;
    }
    const auto neighbour = neighbour_of(heap, heaps);
    if (!neighbour) {
        return neighbour.error();
    }
    const auto both = checked_add(heap.size, (*neighbour)->size);
    if (!both || !checked_add(heap.base, *both)) {
        return heap_mistake(heap.where, "adjacent",
                            "the regions of this heap and of " + quoted(heap.adjacent) +
                                " are more than 64 bits can address");
    }
    block.neighbour = *neighbour;
    block.size = *both;
    return block;
}

/// All blocks, in the order in which they find their place.
Result<std::vector<Block>> blocks_of(std::span<HeapConfig> heaps) {
    std::vector<Block> blocks;
    for (HeapConfig& heap : heaps) {
        const bool is_neighbour = std::ranges::find(heaps, heap.name, &HeapConfig::adjacent) != heaps.end() &&
                                  heap.adjacent.empty();
        if (heap.size == 0 || is_neighbour) {
            continue;
        }
        const auto block = block_of(heap, heaps);
        if (!block) {
            return block.error();
        }
        blocks.push_back(*block);
    }
    std::ranges::sort(blocks, {}, [](const Block& block) {
        return std::tuple(block.neighbour == nullptr, block.heap->id);
    });
    return blocks;
}

/// The message is that of the kernel's panic.
Result<void> check_overlaps(std::span<const HeapConfig> heaps) {
    for (auto second = heaps.begin(); second != heaps.end(); ++second) {
        for (auto first = heaps.begin(); first != second; ++first) {
            if (first->base != 0 && second->base != 0 && overlap(region_of(*first), region_of(*second))) {
                return heap_mistake(second->where, "base",
                                    "memory in heap " + quoted(second->name) + " " +
                                        text_of(region_of(*second)) + " overlaps with heap " +
                                        quoted(first->name) + " " + text_of(region_of(*first)) + " (" +
                                        first->where + ")");
            }
        }
    }
    return {};
}

Error no_room(const Block& block, const PlacedRange& window, std::span<const PlacedRange> gaps) {
    std::uint64_t longest = 0;
    for (const PlacedRange& gap : gaps) {
        longest = std::max(longest, gap.size);
    }
    const std::string with =
        block.neighbour == nullptr ? "" : " with the adjacent " + quoted(block.neighbour->name);
    return heap_mistake(block.heap->where, "size",
                        "no room for heap " + quoted(block.heap->name) + with + ", " +
                            std::to_string(block.size) + " bytes at multiples of " +
                            std::to_string(block.heap->align) + ", in memory." +
                            std::string(kMemoryTypeNames[static_cast<std::size_t>(block.heap->memory)]) +
                            " " + text_of(window) + "; its longest free run has " + std::to_string(longest));
}

Result<std::uint64_t> find_base(const Block& block, const PlacedRange& window,
                                std::span<const HeapConfig> heaps) {
    std::vector<PlacedRange> taken;
    for (const HeapConfig& heap : heaps) {
        if (heap.base != 0) {
            taken.push_back(region_of(heap));
        }
    }
    const auto gaps = gaps_in(window, std::move(taken));
    const auto base = best_base(
        gaps,
        {.window = window, .size = block.size, .align = block.heap->align, .position = block.heap->position});
    if (!base) {
        return no_room(block, window, gaps);
    }
    return *base;
}

}  // namespace

Result<void> place_heaps(std::span<HeapConfig> heaps, const MemoryWindows& windows) {
    const auto blocks = blocks_of(heaps);
    if (!blocks) {
        return blocks.error();
    }
    for (const Block& block : *blocks) {
        if (block.heap->base != 0) {
            block.put(block.heap->base);
        }
    }
    const auto checked = check_overlaps(heaps);
    if (!checked) {
        return checked.error();
    }
    for (const Block& block : *blocks) {
        if (block.heap->base != 0) {
            continue;
        }
        const auto base = find_base(block, windows[static_cast<std::size_t>(block.heap->memory)], heaps);
        if (!base) {
            return base.error();
        }
        block.put(*base);
    }
    return {};
}

}  // namespace ion
