// SPDX-License-Identifier: Apache-2.0
//
// Usage texts of generation A byte for byte. The files beside this one were made with the kernel's formats and
// printf, not with the code under test.

#include <gtest/gtest.h>

#include "daemon/usage/memory_map.h"
#include "daemon/usage/render_legacy.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/snapshots.h"

namespace ion {
namespace {

constexpr std::uint64_t kSurface = 1536000;

BufferUsage placed(BufferUsage buffer, std::vector<PlacedRange> placement) {
    buffer.placement = std::move(placement);
    return buffer;
}

HeapFigures carveout(std::uint32_t id, std::string name, PlacedRange region) {
    HeapFigures heap = heap_figures(id, "carveout", std::move(name));
    heap.usage.base = region.base;
    heap.usage.total = region.size;
    heap.memory_map = MemoryMap::kRangesAndGaps;
    return heap;
}

TEST(RenderLegacyHeap, PrintsClientsTotalsAndTheMapOfACarveout) {
    Snapshot snapshot;
    snapshot.heaps = {carveout(24, "sf", {.base = 0x2d300000, .size = 0x2300000})};
    snapshot.heaps[0].debug_a = "total bytes currently allocated: 2ee000\ntotal heap size: 2300000\n";
    snapshot.buffers = {
        placed(buffer_usage(1, 24, kSurface, 2), {{.base = 0x2d300000, .size = kSurface}}),
        placed(orphan_usage(2, 24, kSurface, "gone", 5), {{.base = 0x2d500000, .size = kSurface}})};
    snapshot.clients = {client_usage(1, "surfaceflinger", 112, {1}),
                        client_usage(2, "ndroid.launcher", 431, {1}), client_usage(3, "idle", 5, {})};
    EXPECT_EQ(render_legacy_heap(snapshot, snapshot.heaps[0]), golden("legacy_heap_carveout.txt"));
}

TEST(RenderLegacyHeap, HasNoMapForASystemHeap) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(30, "system", "vmalloc")};
    snapshot.heaps[0].debug_a = "total bytes currently allocated: 0\n";
    EXPECT_EQ(render_legacy_heap(snapshot, snapshot.heaps[0]), golden("legacy_heap_system_idle.txt"));
}

TEST(RenderLegacyHeap, PrintsNoGapsOfACmaHeapAndEveryRangeOfABuffer) {
    Snapshot snapshot;
    snapshot.heaps = {carveout(20, "camera_preview", {.base = 0x40000000, .size = 0x100000})};
    snapshot.heaps[0].memory_map = MemoryMap::kRanges;
    snapshot.buffers = {placed(buffer_usage(1, 20, 8192, 1),
                               {{.base = 0x40004000, .size = 0x1000}, {.base = 0x40001000, .size = 0x1000}})};
    snapshot.clients = {client_usage(1, "camera", 7, {1})};
    EXPECT_EQ(render_legacy_heap(snapshot, snapshot.heaps[0]), golden("legacy_heap_cma.txt"));
}

TEST(RenderLegacyClient, PrintsARowForEachHandleWithItsPhysicalAddress) {
    Snapshot snapshot;
    snapshot.heaps = {carveout(20, "camera_preview", {.base = 0x40000000, .size = 0x1200000}),
                      carveout(24, "sf", {.base = 0x2d300000, .size = 0x2300000}),
                      heap_figures(30, "system", "vmalloc")};
    snapshot.heaps[0].memory_map = MemoryMap::kRanges;  // CMA has no address in this text
    snapshot.buffers = {placed(buffer_usage(1, 20, 0x465000, 1), {{.base = 0x40000000, .size = 0x465000}}),
                        buffer_usage(2, 30, 0x1000, 1),
                        placed(buffer_usage(3, 24, 0x177000, 1), {{.base = 0x2d300000, .size = 0x177000}})};
    snapshot.clients = {client_usage(1, "camera", 7, {1, 2, 3})};
    snapshot.clients[0].handles[1].references = 2;
    snapshot.buffers[1].spaces = {{.domain = 0, .partition = 1, .address = 0x20000},
                                  {.domain = 2, .partition = 0, .address = 0x30000000}};
    EXPECT_EQ(render_legacy_client(snapshot, snapshot.clients[0]), golden("legacy_client.txt"));
}

TEST(RenderLeakedFds, ListsBuffersWithoutHandlesOnly) {
    Snapshot snapshot;
    snapshot.heaps = {carveout(24, "sf", {.base = 0x2d300000, .size = 0x2300000})};
    snapshot.buffers = {buffer_usage(41, 24, 4096, 1), orphan_usage(42, 24, 0x177000, "gone", 5)};
    snapshot.clients = {client_usage(1, "camera", 7, {41})};
    EXPECT_EQ(render_leaked_fds(snapshot), golden("leaked_fds.txt"));
}

/// Sizes and addresses that a 32-bit kernel of these texts could not have.
class Wide : public testing::Test {
  protected:
    static constexpr std::uint64_t kBase = std::uint64_t{1} << 32;
    static constexpr std::uint64_t kSize = 3 * (std::uint64_t{1} << 31);
    static constexpr std::uint64_t kId = 0x123456789ab;

    void SetUp() override {
        snapshot_.heaps = {carveout(24, "sf", {.base = kBase, .size = 2 * kBase})};
        snapshot_.heaps[0].debug_a =
            "total bytes currently allocated: 180000000\ntotal heap size: 200000000\n";
    }
    Snapshot snapshot_;
};

TEST_F(Wide, LegacyHeap) {
    snapshot_.buffers = {placed(buffer_usage(kId, 24, kSize, 1), {{.base = kBase, .size = kSize}})};
    snapshot_.clients = {client_usage(1, "surfaceflinger", 112, {kId})};
    EXPECT_EQ(render_legacy_heap(snapshot_, snapshot_.heaps[0]), golden("legacy_heap_wide.txt"));
}

TEST_F(Wide, LegacyClient) {
    snapshot_.heaps.push_back(heap_figures(30, "system", "vmalloc"));
    snapshot_.buffers = {buffer_usage(2, 30, 0x200001000, 1),
                         placed(buffer_usage(kId, 24, kSize, 1), {{.base = kBase, .size = kSize}})};
    snapshot_.buffers[0].spaces = {{.domain = 1, .partition = 0, .address = 0x1f00000000}};
    snapshot_.clients = {client_usage(1, "surfaceflinger", 112, {kId, 2})};
    EXPECT_EQ(render_legacy_client(snapshot_, snapshot_.clients[0]), golden("legacy_client_wide.txt"));
}

TEST_F(Wide, LeakedFds) {
    snapshot_.buffers = {placed(orphan_usage(kId, 24, kSize, "gone", 5), {{.base = kBase, .size = kSize}})};
    EXPECT_EQ(render_leaked_fds(snapshot_), golden("leaked_fds_wide.txt"));
}

TEST(MemoryMapOf, AnEmptyRegionIsOneGap) {
    Snapshot snapshot;
    snapshot.heaps = {carveout(24, "sf", {.base = 0x1000, .size = 0x4000})};
    const auto runs = memory_map(snapshot, snapshot.heaps[0]);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].range, (PlacedRange{.base = 0x1000, .size = 0x4000}));
    EXPECT_EQ(runs[0].buffer, nullptr);
}

TEST(MemoryMapOf, AFullRegionHasNoGap) {
    Snapshot snapshot;
    snapshot.heaps = {carveout(24, "sf", {.base = 0x1000, .size = 0x2000})};
    snapshot.buffers = {placed(buffer_usage(1, 24, 0x1000, 1), {{.base = 0x2000, .size = 0x1000}}),
                        placed(buffer_usage(2, 24, 0x1000, 1), {{.base = 0x1000, .size = 0x1000}})};
    const auto runs = memory_map(snapshot, snapshot.heaps[0]);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].buffer->id, BufferId{2});
    EXPECT_EQ(runs[1].buffer->id, BufferId{1});
}

}  // namespace
}  // namespace ion
