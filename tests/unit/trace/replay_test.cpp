// SPDX-License-Identifier: Apache-2.0

#include "heaps/trace/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heaps/heap_catalog.h"
#include "heaps/heap_type.h"

namespace ion {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kBase = 0x10000000;

std::unique_ptr<Heap> heap_of(const char* type, std::uint64_t pages) {
    const HeapType& made = *find_heap_type(builtin_heap_types(), type);
    auto heap = made.make({.base = kBase,
                           .size = pages * kPage,
                           .exporters = {ExporterKind::kMemfd},
                           .options = initial_options(made.options),
                           .total_ram = 1 << 30});
    EXPECT_TRUE(heap) << heap.error().context;
    return *std::move(heap);
}

TraceEvent alloc(std::uint64_t time, std::uint64_t id, std::uint64_t bytes) {
    return {.time_ns = time, .client = "c", .op = TraceOp::kAlloc, .id = id, .size = bytes, .heap = "h"};
}

TraceEvent free_of(std::uint64_t time, std::uint64_t id) {
    return {.time_ns = time, .client = "c", .op = TraceOp::kFree, .id = id, .heap = {}};
}

/// Each look at it is one nanosecond more.
Clock steps() {
    return [now = std::uint64_t{0}]() mutable { return now++; };
}

TEST(Replay, MeasuresPeakRefusalsAndFragmentation) {
    const auto heap = heap_of("carveout", 4);
    const Trace trace{.events = {alloc(0, 1, 1), alloc(1, 2, kPage), alloc(2, 3, kPage), free_of(3, 2),
                                 alloc(4, 4, 2 * kPage), free_of(5, 4), free_of(6, 1)}};

    const ReplayFigures figures = replay(trace, *heap, steps()).figures;

    EXPECT_EQ(figures.allocations, 4U);
    EXPECT_EQ(figures.failures, 1U) << "two pages in a row are not free";
    EXPECT_EQ(figures.peak, 3 * kPage);
    EXPECT_EQ(figures.peak_asked, 3 * kPage);
    EXPECT_DOUBLE_EQ(figures.worst_fragmentation, 0.5);
    EXPECT_DOUBLE_EQ(figures.mean_fragmentation, (0 + 0 + 0 + 0.5 + 0.5 + 0.5 + 1.0 / 3) / 7);
    EXPECT_EQ(figures.allocate.median, 1U);
    EXPECT_EQ(figures.free.p99, 1U);
    EXPECT_EQ(heap->usage().allocated, 0U) << "what the trace leaves is given back";
}

TEST(Replay, TellsWhereAndHowLongEachBufferWas) {
    const auto heap = heap_of("carveout", 4);
    const Trace trace{
        .events = {alloc(10, 1, kPage), alloc(20, 2, 8 * kPage), alloc(25, 3, kPage), free_of(30, 1)}};

    const Replayed replayed = replay(trace, *heap, steps());

    ASSERT_EQ(replayed.buffers.size(), 2U);
    EXPECT_EQ(replayed.buffers[0].from_ns, 10U);
    EXPECT_EQ(replayed.buffers[0].until_ns, 30U);
    EXPECT_EQ(replayed.buffers[0].range, (PlacedRange{.base = kBase, .size = kPage}));
    EXPECT_EQ(replayed.buffers[1].until_ns, 30U) << "the end of the trace";
    EXPECT_THAT(replayed.failed_ns, ::testing::ElementsAre(20U));
}

TEST(Replay, KnowsNoAddressesOfAHeapWithoutRegion) {
    const auto heap = heap_of("system", 0);
    const Replayed replayed = replay({.events = {alloc(0, 1, kPage)}}, *heap, steps());
    EXPECT_EQ(replayed.figures.peak, kPage);
    EXPECT_TRUE(replayed.buffers.empty());
    EXPECT_DOUBLE_EQ(replayed.figures.worst_fragmentation, 0);
}

}  // namespace
}  // namespace ion
