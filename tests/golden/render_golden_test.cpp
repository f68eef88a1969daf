// SPDX-License-Identifier: Apache-2.0
//
// Usage texts byte for byte. The files beside this one were written with printf(1) and the kernel's formats,
// not with the code under test.

#include <gtest/gtest.h>

#include <string>

#include "daemon/usage/render_client.h"
#include "daemon/usage/render_heap.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/snapshots.h"

namespace ion {
namespace {

TEST(RenderHeap, PrintsEverySectionOfAnEmptyHeap) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(0, "system", "system")};
    EXPECT_EQ(render_heap(snapshot, snapshot.heaps[0]), golden("heap_empty.txt"));
}

TEST(RenderHeap, CountsASharedBufferForEachClientAndOnceInTheTotal) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(0, "system", "system")};
    snapshot.heaps[0].defers_free = true;
    snapshot.heaps[0].usage.deferred = 8192;
    snapshot.buffers = {buffer_usage(1, 0, 33914880, 1), buffer_usage(2, 0, 16728064, 2),
                        orphan_usage(3, 0, 3133440, "mediaserver", 702)};
    snapshot.clients = {client_usage(1, "surfaceflinger", 611, {1, 2}),
                        client_usage(2, "system_server", 1232, {2}), client_usage(3, "idle", 5, {})};
    EXPECT_EQ(render_heap(snapshot, snapshot.heaps[0]), golden("heap_shared.txt"));
}

TEST(RenderHeap, CountsABufferOnceForAClientThatListsItTwice) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(0, "system", "system")};
    snapshot.heaps[0].defers_free = true;
    snapshot.heaps[0].usage.deferred = 8192;
    snapshot.buffers = {buffer_usage(1, 0, 33914880, 1), buffer_usage(2, 0, 16728064, 2),
                        orphan_usage(3, 0, 3133440, "mediaserver", 702)};
    snapshot.clients = {client_usage(1, "surfaceflinger", 611, {1, 2, 1}),
                        client_usage(2, "system_server", 1232, {2, 2})};
    EXPECT_EQ(render_heap(snapshot, snapshot.heaps[0]), golden("heap_shared.txt"));
}

TEST(RenderHeap, ListsOrphansOfItsOwnHeapOnly) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(0, "system", "system"), heap_figures(2, "carveout", "carveout")};
    snapshot.buffers = {buffer_usage(1, 2, 4096, 1), orphan_usage(2, 2, 8192, "first", 8, 2),
                        orphan_usage(3, 0, 1 << 20, "elsewhere", 10), orphan_usage(4, 2, 12288, "second", 9),
                        buffer_usage(5, 0, 1 << 20, 1)};
    snapshot.clients = {client_usage(1, "camera", 7, {1, 5}), client_usage(2, "other", 11, {5})};
    EXPECT_EQ(render_heap(snapshot, snapshot.heaps[1]), golden("heap_orphans.txt"));
}

TEST(RenderHeap, KeepsItsShapeWhateverAProcessCallsItself) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(2, "carveout", "carveout")};
    const std::vector<std::string> names{"a b\nc", "", std::string("\0\x7f\xc3\xa9", 4), "total",
                                         "-----orphaned\tallocations"};
    for (const std::string& name : names) {
        const auto id = snapshot.clients.size() + 1;
        snapshot.buffers.push_back(buffer_usage(id, 2, 4096, 1));
        snapshot.clients.push_back(client_usage(id, name, static_cast<std::int32_t>(id), {id}));
    }
    snapshot.buffers.push_back(orphan_usage(6, 2, 4096, "\x1b[2J%s%n", 6));
    EXPECT_EQ(render_heap(snapshot, snapshot.heaps[0]), golden("heap_hostile_names.txt"));
}

TEST(RenderHeap, PrintsSizesBeyond32BitsAndBeyondTheColumn) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(2, "carveout", "carveout")};
    snapshot.buffers = {buffer_usage(1, 2, 4294971392, 1), buffer_usage(2, 2, 4096, 1),
                        orphan_usage(3, 2, 1152921504606846976, "huge", 1)};
    snapshot.clients = {client_usage(1, "ndroid.launcher", 4194304, {1}), client_usage(2, "tiny", 0, {2})};
    EXPECT_EQ(render_heap(snapshot, snapshot.heaps[0]), golden("heap_large_sizes.txt"));
}

TEST(RenderClient, PrintsTheHeaderAloneForAClientWithoutHandles) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(0, "system", "system")};
    snapshot.clients = {client_usage(1, "idle", 5, {})};
    EXPECT_EQ(render_client(snapshot, snapshot.clients[0]), golden("client_empty.txt"));
}

TEST(RenderClient, PrintsOneRowForEachHeapInOrderOfIds) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(0, "system", "system"), heap_figures(1, "system", "unused"),
                      heap_figures(2, "carveout", "carveout")};
    snapshot.buffers = {buffer_usage(1, 2, 4294971392, 1), buffer_usage(2, 0, 33914880, 1),
                        buffer_usage(3, 0, 16728064, 1)};
    snapshot.clients = {client_usage(1, "camera", 7, {1, 2, 3})};
    EXPECT_EQ(render_client(snapshot, snapshot.clients[0]), golden("client_two_heaps.txt"));
}

TEST(RenderClient, CutsANameOf64Bytes) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(31, "system", std::string(64, 'n'))};
    snapshot.buffers = {buffer_usage(1, 31, 4096, 1)};
    snapshot.clients = {client_usage(1, "camera", 7, {1})};
    EXPECT_EQ(render_client(snapshot, snapshot.clients[0]), golden("client_long_name.txt"));
}

}  // namespace
}  // namespace ion
