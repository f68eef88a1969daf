// SPDX-License-Identifier: Apache-2.0
//
// Usage texts of 10,000 buffers and 1,000 clients, from the state to the text.

#include <benchmark/benchmark.h>

#include "daemon/usage/render_buffer.h"
#include "daemon/usage/render_heap.h"
#include "daemon/usage/render_legacy.h"
#include "daemon/usage/render_metrics.h"
#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

constexpr int kClients = 1000;
constexpr int kBuffersOfEach = 10;

Device& device() {
    static FakeDevice* const fake = [] {
        auto* made = new FakeDevice;
        for (int client = 0; client < kClients; ++client) {
            const ClientId id = made->open(1000 + client);
            for (int i = 0; i < kBuffersOfEach; ++i) {
                made->allocate(id, 1U << 4);
            }
        }
        return made;
    }();
    return fake->device;
}

void heap_text(benchmark::State& state) {
    std::size_t size = 0;
    for (auto _ : state) {
        const Snapshot snapshot = device().snapshot();
        size = render_heap(snapshot, snapshot.heaps.back()).size();
        benchmark::DoNotOptimize(size);
    }
    state.counters["bytes"] = static_cast<double>(size);
}

void legacy_heap_text(benchmark::State& state) {
    for (auto _ : state) {
        const Snapshot snapshot = device().snapshot();
        benchmark::DoNotOptimize(render_legacy_heap(snapshot, snapshot.heaps.back()).size());
    }
}

void metrics_text(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(render_metrics(device().snapshot()).size());
    }
}

void all_buffers_text(benchmark::State& state) {
    for (auto _ : state) {
        Snapshot snapshot;
        snapshot.heaps = device().heap_figures();
        snapshot.details = device().details();
        benchmark::DoNotOptimize(render_buffers(snapshot).size());
    }
}

void one_buffer_text(benchmark::State& state) {
    for (auto _ : state) {
        Snapshot snapshot;
        snapshot.heaps = device().heap_figures();
        snapshot.details = device().details(BufferId{5000});
        benchmark::DoNotOptimize(render_buffers(snapshot).size());
    }
}

BENCHMARK(heap_text)->Unit(benchmark::kMillisecond);
BENCHMARK(legacy_heap_text)->Unit(benchmark::kMillisecond);
BENCHMARK(metrics_text)->Unit(benchmark::kMillisecond);
BENCHMARK(all_buffers_text)->Unit(benchmark::kMillisecond);
BENCHMARK(one_buffer_text)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ion

BENCHMARK_MAIN();
