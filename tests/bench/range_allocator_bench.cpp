// SPDX-License-Identifier: Apache-2.0
//
// Time of one RangeAllocator operation pair with many live ranges and as many holes.

#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "daemon/base/checked_math.h"
#include "heaps/range_allocator.h"

namespace ion {
namespace {

constexpr std::uint64_t kBase = 0x100000000;

/// `live` ranges of 1 to 8 pages, half of the region free in holes between them.
class Fragmented {
  public:
    explicit Fragmented(std::size_t live) : ranges_({.base = kBase, .size = live * 32 * kPageSize}) {
        std::vector<PlacedRange> holes;
        for (std::size_t i = 0; i < 2 * live; ++i) {
            const auto range = ranges_.allocate((1 + random_() % 8) * kPageSize, kPageSize);
            (i % 2 == 0 ? live_ : holes).push_back(*range);
        }
        for (const PlacedRange& hole : holes) {
            ranges_.release(hole);
        }
    }

    /// Frees a random range and allocates another one.
    void replace_one(std::uint64_t align) {
        PlacedRange& victim = live_[random_() % live_.size()];
        ranges_.release(victim);
        victim = *ranges_.allocate((1 + random_() % 8) * kPageSize, align);
    }

    [[nodiscard]] RangeAllocator& ranges() { return ranges_; }

  private:
    std::mt19937_64 random_{7};
    RangeAllocator ranges_;
    std::vector<PlacedRange> live_;
};

void free_and_allocate(benchmark::State& state) {
    Fragmented heap(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        heap.replace_one(kPageSize);
    }
}
BENCHMARK(free_and_allocate)->Arg(1'000)->Arg(10'000)->Arg(100'000);

void free_and_allocate_aligned_64k(benchmark::State& state) {
    Fragmented heap(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        heap.replace_one(16 * kPageSize);
    }
}
BENCHMARK(free_and_allocate_aligned_64k)->Arg(1'000)->Arg(10'000)->Arg(100'000);

/// Every hole but the last is too small.
void search_past_all_holes(benchmark::State& state) {
    Fragmented heap(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        const auto range = heap.ranges().allocate(9 * kPageSize, kPageSize);
        heap.ranges().release(*range);
    }
}
BENCHMARK(search_past_all_holes)->Arg(1'000)->Arg(10'000)->Arg(100'000);

}  // namespace
}  // namespace ion

BENCHMARK_MAIN();
