// SPDX-License-Identifier: Apache-2.0

#include "heaps/carveout_heap.h"

#include <algorithm>
#include <utility>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

/// The arena of an earlier worker if it is of this size, else a new one.
Result<Arena> open_arena(UniqueFd former, std::uint64_t size_bytes) {
    if (former) {
        if (auto arena = Arena::adopt(std::move(former), size_bytes)) {
            return arena;
        }
    }
    return Arena::create(size_bytes);
}

}  // namespace

class CarveoutHeap::Allocation final : public Backing {
  public:
    /// `heap` outlives this (the rule for every Backing). `range` has been taken.
    Allocation(CarveoutHeap& heap, std::unique_ptr<Memory> memory, PlacedRange range)
        : heap_(heap), memory_(std::move(memory)), range_(range) {}
    ~Allocation() override {
        memory_.reset();  // before its pages are dropped, and both before the range has a new user
        heap_.give_back(range_);
    }

    [[nodiscard]] const Memory& memory() const override { return *memory_; }
    [[nodiscard]] std::span<const PlacedRange> placement() const override { return {&range_, 1}; }

  private:
    CarveoutHeap& heap_;
    std::unique_ptr<Memory> memory_;
    PlacedRange range_;
};

Result<std::unique_ptr<Heap>> CarveoutHeap::create(PlacedRange region, std::uint64_t align,
                                                   ExporterChain exporters, UniqueFd arena) {
    if (region.base == 0 || region.base % kPageSize != 0) {
        return fail(EINVAL, "carveout: the base must be a multiple of the page size above 0");
    }
    if (region.size == 0 || region.size % kPageSize != 0 || !checked_add(region.base, region.size)) {
        return fail(EINVAL, "carveout: the size must be a multiple of the page size above 0 within 64 bits");
    }
    if (!is_power_of_two(align)) {
        return fail(EINVAL, "carveout: the alignment must be a power of two");
    }
    std::optional<Arena> opened;
    if (exporters.carves()) {
        auto made = open_arena(std::move(arena), region.size);
        if (!made) {
            return made.error();
        }
        opened = *std::move(made);
    }
    return std::unique_ptr<Heap>(new CarveoutHeap(region, align, std::move(exporters), std::move(opened)));
}

CarveoutHeap::CarveoutHeap(PlacedRange region, std::uint64_t align, ExporterChain exporters,
                           std::optional<Arena> arena)
    : align_(align), exporters_(std::move(exporters)), arena_(std::move(arena)), ranges_(region) {}

Result<std::unique_ptr<Backing>> CarveoutHeap::allocate(const HeapRequest& request) {
    const std::uint64_t asked_align = std::max<std::uint64_t>(request.align_bytes, 1);
    if (!is_power_of_two(asked_align) || asked_align > ranges_.region().size) {
        return fail(EINVAL, "the alignment is no power of two or exceeds the region");
    }
    const auto range = ranges_.allocate(request.size_bytes, std::max(align_, asked_align));
    if (!range) {
        return range.error();
    }
    auto memory = make_memory(*range);
    if (!memory) {
        give_back(*range);
        return memory.error();
    }
    return std::unique_ptr<Backing>(std::make_unique<Allocation>(*this, *std::move(memory), *range));
}

Result<std::unique_ptr<Backing>> CarveoutHeap::restore(RestoreRequest request) {
    if (request.placement.size() != 1 || request.placement[0].size != request.request.size_bytes) {
        return fail(EINVAL, "a carveout buffer is one range of its size");
    }
    const PlacedRange range = request.placement[0];
    if (auto taken = ranges_.take(range); !taken) {
        return taken.error();
    }
    auto memory = adopt_memory(request.exporter, std::move(request.memory));
    if (!memory) {
        give_back(range);
        return memory.error();
    }
    return std::unique_ptr<Backing>(std::make_unique<Allocation>(*this, *std::move(memory), range));
}

HeapUsage CarveoutHeap::usage() const {
    return {.total = ranges_.region().size,
            .allocated = ranges_.region().size - ranges_.free_bytes(),
            .largest_free = ranges_.largest_free()};
}

Result<std::unique_ptr<Memory>> CarveoutHeap::make_memory(const PlacedRange& range) {
    if (!arena_) {
        return exporters_.create(range.size);
    }
    // Not only on release: an earlier worker may have died between a release and its drop.
    const std::uint64_t offset = range.base - ranges_.region().base;
    if (auto dropped = arena_->drop(offset, range.size); !dropped) {
        return dropped.error();
    }
    return exporters_.create_in({.fd = arena_->fd(), .offset = offset, .size = range.size});
}

void CarveoutHeap::give_back(const PlacedRange& range) {
    if (arena_) {
        // Gives the pages back to the system. A failure costs memory, not secrecy: make_memory() drops again.
        static_cast<void>(arena_->drop(range.base - ranges_.region().base, range.size));
    }
    ranges_.release(range);
}

}  // namespace ion
