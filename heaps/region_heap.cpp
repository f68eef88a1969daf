// SPDX-License-Identifier: Apache-2.0

#include "heaps/region_heap.h"

#include <algorithm>
#include <utility>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

bool is_whole_pages(std::uint64_t size) {
    return size != 0 && size % kPageSize == 0;
}

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

class RegionHeap::Allocation final : public Backing {
  public:
    /// `heap` outlives this (the rule for every Backing). `placement` has been taken.
    Allocation(RegionHeap& heap, std::unique_ptr<Memory> memory, std::uint64_t size,
               std::vector<PlacedRange> placement)
        : heap_(heap), memory_(std::move(memory)), size_(size), placement_(std::move(placement)) {}
    ~Allocation() override {
        memory_.reset();  // before its pages are dropped, and both before the ranges have a new user
        heap_.give_back(placement_);
    }

    [[nodiscard]] const Memory& memory() const override { return *memory_; }
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] std::span<const PlacedRange> placement() const override { return placement_; }

  private:
    RegionHeap& heap_;
    std::unique_ptr<Memory> memory_;
    std::uint64_t size_;
    std::vector<PlacedRange> placement_;
};

Result<RegionHeap::Parts> RegionHeap::prepare(PlacedRange region, std::unique_ptr<Placer> placer,
                                              ExporterChain exporters, UniqueFd arena) {
    std::optional<Arena> opened;
    if (exporters.carves()) {
        auto made = open_arena(std::move(arena), region.size);
        if (!made) {
            return made.error();
        }
        opened = *std::move(made);
    }
    return Parts{region, std::move(placer), std::move(exporters), std::move(opened)};
}

Result<std::unique_ptr<Backing>> RegionHeap::allocate(const HeapRequest& request) {
    if (!is_whole_pages(request.size_bytes)) {
        return fail(EINVAL, "the size is not one of whole pages");
    }
    auto placement = parts_.placer->place(request);
    if (!placement) {
        return placement.error();
    }
    auto memory = make_memory(request.size_bytes, *placement);
    if (!memory) {
        give_back(*placement);
        return memory.error();
    }
    return std::unique_ptr<Backing>(
        std::make_unique<Allocation>(*this, *std::move(memory), request.size_bytes, *std::move(placement)));
}

Result<std::unique_ptr<Backing>> RegionHeap::restore(RestoreRequest request) {
    if (!is_whole_pages(request.request.size_bytes)) {
        return fail(EINVAL, "the size is not one of whole pages");
    }
    if (auto taken = parts_.placer->take(request.request, request.placement); !taken) {
        return taken.error();
    }
    auto memory = adopt_memory(request.exporter, std::move(request.memory));
    if (!memory) {
        give_back(request.placement);
        return memory.error();
    }
    return std::unique_ptr<Backing>(std::make_unique<Allocation>(
        *this, *std::move(memory), request.request.size_bytes, std::move(request.placement)));
}

HeapUsage RegionHeap::usage() const {
    HeapUsage usage = parts_.placer->usage();
    usage.base = parts_.region.base;
    return usage;
}

Result<std::unique_ptr<Memory>> RegionHeap::make_memory(std::uint64_t size,
                                                        std::span<const PlacedRange> placement) {
    if (!parts_.arena) {
        return parts_.exporters.create(size);
    }
    std::vector<ArenaRange> pieces;
    std::uint64_t left = size;
    for (const PlacedRange& range : placement) {
        const std::uint64_t offset = range.base - parts_.region.base;
        // Not only on release: an earlier worker may have died between a release and its drop.
        if (auto dropped = parts_.arena->drop(offset, range.size); !dropped) {
            return dropped.error();
        }
        pieces.push_back({.fd = parts_.arena->fd(), .offset = offset, .size = std::min(range.size, left)});
        left -= pieces.back().size;
    }
    return parts_.exporters.create_in(pieces);
}

void RegionHeap::give_back(std::span<const PlacedRange> placement) {
    if (parts_.arena) {
        for (const PlacedRange& range : placement) {
            // Gives the pages back to the system. A failure costs memory, not secrecy: make_memory() drops again.
            static_cast<void>(parts_.arena->drop(range.base - parts_.region.base, range.size));
        }
    }
    parts_.placer->release(placement);
}

}  // namespace ion
