// SPDX-License-Identifier: Apache-2.0
//
// Example heap "tlsf": two-level segregated fit, which places and releases in constant time.
//
// The idea (Masmano, Ripoll, Crespo and Real, 2004). Free blocks are in lists by size class: a level for each power of
// two, divided into equal steps. One bitmap says which levels have free blocks, and one for each level which of its
// classes do, so the smallest class that surely fits is found by two count-trailing-zeros instructions. Blocks are also
// linked in address order: one that comes back merges with its neighbours without a search.
//
// "Surely fits": a class promises its lower bound, so a request is rounded up to the next one. That passes over blocks
// that would just do, so before a request is refused, the first block of each such class is looked at. The option
// `step_bits` says how finely a level is divided: more classes round less, fewer keep the blocks more alike.
//
// The original keeps a block's header in the block. A Placer sees no memory: here headers are elements of a list, and
// a hash table finds the header of what is given back.

#include <iond/heap.h>

#include <algorithm>
#include <array>
#include <bit>
#include <list>
#include <unordered_map>

namespace {

using ion::PlacedRange;

struct Block;
using Blocks = std::list<Block>;  ///< the whole region in address order
using FreeList = std::list<Blocks::iterator>;

struct Block {
    std::uint64_t base = 0;
    std::uint64_t size = 0;
    bool free = false;
    FreeList::iterator listed{};  ///< its place in a free list, while it is free

    [[nodiscard]] std::uint64_t end() const { return base + size; }
    [[nodiscard]] std::uint64_t first(std::uint64_t align) const { return (base + align - 1) & ~(align - 1); }
};

constexpr auto top_bit = [](std::uint64_t value) { return 63 - std::countl_zero(value); };

class TlsfPlacer final : public ion::Placer {
  public:
    TlsfPlacer(PlacedRange region, std::uint64_t step_bits) : region_(region), step_bits_(step_bits) {
        list(blocks_.insert(blocks_.end(), {region.base, region.size}));
    }

    ion::Result<std::vector<PlacedRange>> place(const ion::HeapRequest& request) override {
        if (auto sane = ion::check_contiguous(request, region_); !sane) {
            return sane.error();
        }
        const std::uint64_t align = std::max(request.align_bytes, ion::kPageSize);
        const auto block = find(request.size_bytes, align);
        if (block == blocks_.end()) {
            return ion::no_room(request.size_bytes, free_bytes_, usage().largest_free);
        }
        const PlacedRange range{.base = block->first(align), .size = request.size_bytes};
        cut(block, range);
        return std::vector{range};
    }

    /// After a restart, with what place() answered to the request before. A walk over all blocks is good enough.
    ion::Result<void> take(const ion::HeapRequest& request, std::span<const PlacedRange> ranges) override {
        const auto range = ion::contiguous_range(ranges, request.size_bytes, region_);
        if (!range) {
            return range.error();
        }
        const auto block =
            std::ranges::find_if(blocks_, [&](const Block& b) { return range->base < b.end(); });
        if (!block->free || range->base + range->size > block->end()) {
            return ion::fail(EEXIST, "part of the range is taken");
        }
        cut(block, *range);
        return {};
    }

    void release(std::span<const PlacedRange> ranges) override {
        auto block = taken_.extract(ranges.front().base).mapped();
        if (const auto next = std::next(block); next != blocks_.end() && next->free) {
            block = merge(block, next);
        }
        if (block != blocks_.begin() && std::prev(block)->free) {
            block = merge(std::prev(block), block);
        }
        list(block);
    }

    /// `largest_free` promises what one request can get: the first block of the highest class, where find() looks.
    [[nodiscard]] ion::HeapUsage usage() const override {
        const int level = top_bit(levels_ | 1);  // without a free block: of a list that is empty
        const FreeList& top = lists_[level * kSteps + top_bit(steps_[level] | 1)];
        return {.total = region_.size,
                .allocated = region_.size - free_bytes_,
                .largest_free = top.empty() ? 0 : top.front()->size};
    }

  private:
    static constexpr int kSteps = 32;  ///< of a level, at most; a class is level * kSteps + step

    /// The class that blocks of this size are in.
    [[nodiscard]] int class_of(std::uint64_t size) const {
        const int level = top_bit(size);
        return level * kSteps + static_cast<int>((size - (1UL << level)) >> (level - step_bits_));
    }

    [[nodiscard]] Blocks::iterator find(std::uint64_t size, std::uint64_t align) {
        const std::uint64_t sure = size + align - ion::kPageSize;  // so much fits, wherever the block begins
        const std::uint64_t class_width = 1UL << (top_bit(sure) - step_bits_);
        const int fits = class_of((sure + class_width - 1) & ~(class_width - 1));
        int level = fits / kSteps;
        std::uint32_t steps = steps_[level] & (~0U << fits % kSteps);
        if (const auto above = levels_ & (~1UL << level); steps == 0 && above != 0) {
            steps = steps_[level = std::countr_zero(above)];
        }
        if (steps != 0) {
            return lists_[level * kSteps + std::countr_zero(steps)].front();
        }
        for (int maybe = class_of(size); maybe <= fits; ++maybe) {
            const FreeList& blocks = lists_[maybe];
            if (!blocks.empty() && blocks.front()->first(align) + size <= blocks.front()->end()) {
                return blocks.front();
            }
        }
        return blocks_.end();
    }

    /// Makes one block of two neighbours, in no list.
    Blocks::iterator merge(Blocks::iterator low, Blocks::iterator high) {
        unlist(low->free ? low : high);
        low->size += high->size;
        blocks_.erase(high);
        return low;
    }

    /// Takes part of a free block; what is left before and after it stays free.
    void cut(Blocks::iterator block, PlacedRange range) {
        unlist(block);
        if (block->base < range.base) {
            list(blocks_.insert(block, {block->base, range.base - block->base}));
        }
        if (const std::uint64_t end = range.base + range.size; end < block->end()) {
            list(blocks_.insert(std::next(block), {end, block->end() - end}));
        }
        block->base = range.base;
        block->size = range.size;
        taken_.emplace(range.base, block);
    }

    void list(Blocks::iterator block) {
        const int where = class_of(block->size);
        block->free = true;
        block->listed = lists_[where].insert(lists_[where].begin(), block);
        steps_[where / kSteps] |= 1U << where % kSteps;
        levels_ |= 1UL << where / kSteps;
        free_bytes_ += block->size;
    }

    void unlist(Blocks::iterator block) {
        const int where = class_of(block->size);
        block->free = false;
        lists_[where].erase(block->listed);
        steps_[where / kSteps] &= ~(std::uint32_t{lists_[where].empty()} << where % kSteps);
        levels_ &= ~(std::uint64_t{steps_[where / kSteps] == 0} << where / kSteps);
        free_bytes_ -= block->size;
    }

    PlacedRange region_;
    std::uint64_t step_bits_;
    Blocks blocks_;
    std::unordered_map<std::uint64_t, Blocks::iterator> taken_;  ///< by base
    std::array<FreeList, 64 * kSteps> lists_;                    ///< free blocks by class
    std::array<std::uint32_t, 64> steps_{};  ///< bit s of [l]: class l * kSteps + s has blocks
    std::uint64_t levels_ = 0;               ///< bit l: steps_[l] is not 0
    std::uint64_t free_bytes_ = 0;
};

constexpr std::array kOptions{ion::OptionSpec{.name = "step_bits",
                                              .initial = std::uint64_t{4},
                                              .maximum = 5,
                                              .help = "divides each power of two into 2^N size classes"}};

ion::Result<std::unique_ptr<ion::Heap>> make(ion::HeapParameters parameters) {
    const auto region = ion::region_of(parameters);
    if (!region) {
        return region.error();
    }
    auto placer = std::make_unique<TlsfPlacer>(*region, parameters.options.number("step_bits"));
    return ion::make_region_heap(std::move(parameters), std::move(placer));
}

constexpr std::array kTypes{
    ion::HeapType{.name = "tlsf", .region = ion::RegionNeed::kRequired, .options = kOptions, .make = make}};

}  // namespace

IOND_HEAP_PLUGIN("tlsf", "1.0", kTypes);
