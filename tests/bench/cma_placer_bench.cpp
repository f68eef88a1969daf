// SPDX-License-Identifier: Apache-2.0
//
// Time of one CmaPlacer operation pair in areas with as many free runs as there can be.

#include <benchmark/benchmark.h>

#include <vector>

#include "daemon/base/checked_math.h"
#include "heaps/cma_placer.h"

namespace ion {
namespace {

constexpr std::uint64_t kBase = 0x100000000;

PlacedRange page_range(std::uint64_t page, std::uint64_t count = 1) {
    return {.base = kBase + page * kPageSize, .size = count * kPageSize};
}

/// `live` buffers of one page in turn with as many holes of one, then `tail` aligned free pages and less than that.
std::unique_ptr<CmaPlacer> perforated(std::uint64_t live, std::uint64_t tail = 2) {
    auto placer = std::make_unique<CmaPlacer>(CmaArea{.region = page_range(0, 2 * live + 2 * tail)},
                                              [](const PlacedRange&) { return 0; });
    for (std::uint64_t i = 0; i < live; ++i) {
        const PlacedRange range = page_range(2 * i);
        benchmark::DoNotOptimize(placer->take({.size_bytes = kPageSize}, {&range, 1}));
    }
    return placer;
}

void allocate_and_free(benchmark::State& state, std::uint64_t pages) {
    const auto placer = perforated(static_cast<std::uint64_t>(state.range(0)));
    for (auto _ : state) {
        const auto ranges = placer->place({.size_bytes = pages * kPageSize});
        placer->release(*ranges);
    }
}

/// The first hole does.
void first_hole(benchmark::State& state) {
    allocate_and_free(state, 1);
}
BENCHMARK(first_hole)->Arg(1'000)->Arg(10'000)->Arg(100'000);

/// Every hole but the last is too small: the search looks at each of them.
void search_past_all_holes(benchmark::State& state) {
    allocate_and_free(state, 2);
}
BENCHMARK(search_past_all_holes)->Arg(1'000)->Arg(10'000)->Arg(100'000);

/// As search_past_all_holes(), for more than a word of bits.
void search_past_all_holes_65(benchmark::State& state) {
    const auto live = static_cast<std::uint64_t>(state.range(0));
    const auto placer = perforated(live, 128);
    for (auto _ : state) {
        const auto ranges = placer->place({.size_bytes = 65 * kPageSize});
        placer->release(*ranges);
    }
}
BENCHMARK(search_past_all_holes_65)->Arg(1'000)->Arg(10'000)->Arg(100'000);

/// What a usage file or a refused request asks for.
void longest_run(benchmark::State& state) {
    const auto placer = perforated(static_cast<std::uint64_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(placer->usage());
    }
}
BENCHMARK(longest_run)->Arg(1'000)->Arg(10'000)->Arg(100'000);

/// One buffer before the only free page of an area that is full.
void search_past_full_words(benchmark::State& state) {
    const auto live = static_cast<std::uint64_t>(state.range(0));
    CmaPlacer placer({.region = page_range(0, live + 1)}, [](const PlacedRange&) { return 0; });
    const PlacedRange full = page_range(0, live);
    benchmark::DoNotOptimize(placer.take({.size_bytes = full.size}, {&full, 1}));
    for (auto _ : state) {
        const auto ranges = placer.place({.size_bytes = kPageSize});
        placer.release(*ranges);
    }
}
BENCHMARK(search_past_full_words)->Arg(1'000)->Arg(10'000)->Arg(100'000);

}  // namespace
}  // namespace ion

BENCHMARK_MAIN();
