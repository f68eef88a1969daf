// SPDX-License-Identifier: Apache-2.0
//
// Example heap "buddy": power-of-two blocks that split in halves and merge again, as the kernel's page allocator.
//
// The idea. Every block is 2^k pages long and begins at a multiple of its own length, so the address of its *buddy*,
// the other half of the block that both were split from, differs in exactly one bit: `page ^ (1 << k)`. A request
// takes the smallest block that holds it, splitting larger ones. A block that comes back merges with its buddy as
// long as that is free too, so two free buddies never stay apart.
//
// What it is good at: fast, and what is freed becomes large blocks again by itself. What it costs: a request of
// 2^k + 1 pages takes 2^(k+1). The option `trim` gives the unused tail back at once, in blocks of its own, and pays
// with a region that is cut up more finely.
//
// Alignment comes for free: a block of 2^k pages lies at a multiple of 2^k pages. That holds for *addresses*, so a
// region that begins at an odd page is just covered by blocks that grow towards the middle.

#include <iond/heap.h>

#include <algorithm>
#include <array>
#include <bit>
#include <set>

namespace {

using ion::kPageSize;
using ion::PlacedRange;

/// 2^order pages, from a page number that is a multiple of that.
struct Block {
    std::uint64_t page = 0;
    unsigned order = 0;

    [[nodiscard]] std::uint64_t pages() const { return std::uint64_t{1} << order; }
    [[nodiscard]] Block buddy() const { return {page ^ pages(), order}; }
    [[nodiscard]] Block merged() const { return {page & ~pages(), order + 1}; }
    [[nodiscard]] bool contains(const Block& other) const {
        return other.order <= order && (other.page & ~(pages() - 1)) == page;
    }
};

/// Calls `use` with the blocks that a range consists of, the largest possible ones, in address order.
template <typename Use>
void for_each_block(PlacedRange range, const Use& use) {
    std::uint64_t page = range.base / kPageSize;
    std::uint64_t left = range.size / kPageSize;
    while (left != 0) {
        const std::uint64_t aligned = page & -page;  // the lowest bit that is set
        const std::uint64_t pages = std::min(aligned, std::bit_floor(left));
        const Block block{page, static_cast<unsigned>(std::countr_zero(pages))};
        use(block);
        page += block.pages();
        left -= block.pages();
    }
}

class BuddyPlacer final : public ion::Placer {
  public:
    /// `trim`: give back what a block holds beyond the request.
    BuddyPlacer(PlacedRange region, bool trim) : region_(region), trim_(trim) { give(region); }

    ion::Result<std::vector<PlacedRange>> place(const ion::HeapRequest& request) override {
        if (auto sane = ion::check_contiguous(request, region_); !sane) {
            return sane.error();
        }
        const auto found = find(order_for(request), std::max(request.align_bytes, kPageSize) / kPageSize);
        if (!found) {
            return ion::no_room(request.size_bytes, free_bytes_, usage().largest_free);
        }
        const PlacedRange range{.base = found->page * kPageSize, .size = taken_size(request)};
        cut(range);
        return std::vector{range};
    }

    /// The daemon was restarted: `ranges` is what place() answered to the same request before, in another life. The
    /// configuration, or this file, may have changed since, so it is checked like anything from outside.
    ion::Result<void> take(const ion::HeapRequest& request, std::span<const PlacedRange> ranges) override {
        const auto range = ion::contiguous_range(ranges, taken_size(request), region_);
        if (!range) {
            return range.error();
        }
        if (range->base / kPageSize % (1UL << order_for(request)) != 0) {
            return ion::fail(EINVAL, "no block begins there");
        }
        // Free buddies always merge, so every free part of the region lies in *one* free block.
        bool free = true;
        for_each_block(*range, [&](Block part) { free = free && holder_of(part).has_value(); });
        if (!free) {
            return ion::fail(EEXIST, "part of the range is taken");
        }
        cut(*range);
        return {};
    }

    void release(std::span<const PlacedRange> ranges) override { give(ranges.front()); }

    /// `largest_free` promises what one request can get, so it is a block, not a run of several.
    [[nodiscard]] ion::HeapUsage usage() const override {
        const auto largest = std::ranges::find_if_not(free_.rbegin(), free_.rend(), &Pages::empty);
        const auto order = free_.rend() - largest - 1;
        return {.total = region_.size,
                .allocated = region_.size - free_bytes_,
                .largest_free = largest == free_.rend() ? 0 : kPageSize << order};
    }

  private:
    using Pages =
        std::set<std::uint64_t>;  ///< first pages; ordered, so that the lowest address is used first

    static unsigned order_for(const ion::HeapRequest& request) {
        return static_cast<unsigned>(std::bit_width(request.size_bytes / kPageSize - 1));
    }

    [[nodiscard]] std::uint64_t taken_size(const ion::HeapRequest& request) const {
        return trim_ ? request.size_bytes : kPageSize << order_for(request);
    }

    /// A free block of at least `order` whose address is aligned, the smallest such one. Blocks larger than the
    /// alignment all are; among smaller ones it takes a search.
    [[nodiscard]] std::optional<Block> find(unsigned order, std::uint64_t align_pages) const {
        for (unsigned at = order; at < free_.size(); ++at) {
            const auto page = std::ranges::find_if(free_[at], [&](auto p) { return p % align_pages == 0; });
            if (page != free_[at].end()) {
                return Block{*page, at};
            }
        }
        return std::nullopt;
    }

    /// The free block that contains all of `part`.
    [[nodiscard]] std::optional<Block> holder_of(Block part) const {
        for (Block block = part; block.order < free_.size();
             block = {block.page & ~block.pages(), block.order + 1}) {
            if (free_[block.order].contains(block.page)) {
                return block;
            }
        }
        return std::nullopt;
    }

    /// Takes a range that is free. What is split off stays free.
    void cut(PlacedRange range) {
        for_each_block(range, [&](Block part) {
            Block block = *holder_of(part);
            free_[block.order].erase(block.page);
            while (block.order > part.order) {
                Block half{block.page, block.order - 1};
                block = half.contains(part) ? half : half.buddy();
                free_[block.order].insert(block.buddy().page);
            }
        });
        free_bytes_ -= range.size;
    }

    /// Frees a range, each of its blocks merging as far as it can. The buddy of a block at the region's edge may lie
    /// outside; it is never in a list, so nothing grows beyond the region.
    void give(PlacedRange range) {
        for_each_block(range, [&](Block block) {
            while (free_[block.order].erase(block.buddy().page) != 0) {
                block = block.merged();
            }
            free_[block.order].insert(block.page);
        });
        free_bytes_ += range.size;
    }

    PlacedRange region_;
    bool trim_;
    std::array<Pages, 52> free_;  ///< by order: 2^51 pages are the largest block below 2^64 bytes
    std::uint64_t free_bytes_ = 0;
};

constexpr std::array kOptions{ion::OptionSpec{.name = "trim",
                                              .kind = ion::OptionKind::kBoolean,
                                              .initial = false,
                                              .help = "give back what a block holds beyond the request"}};

ion::Result<std::unique_ptr<ion::Heap>> make(ion::HeapParameters parameters) {
    const auto region = ion::region_of(parameters);
    if (!region) {
        return region.error();
    }
    auto placer = std::make_unique<BuddyPlacer>(*region, parameters.options.flag("trim"));
    return ion::make_region_heap(std::move(parameters), std::move(placer));
}

constexpr std::array kTypes{
    ion::HeapType{.name = "buddy", .region = ion::RegionNeed::kRequired, .options = kOptions, .make = make}};

}  // namespace

IOND_HEAP_PLUGIN("buddy", "1.0", kTypes);
