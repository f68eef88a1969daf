// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/visibility.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/usage/render_buffer.h"
#include "daemon/usage/render_heap.h"
#include "daemon/usage/render_legacy.h"
#include "daemon/usage/render_metrics.h"
#include "daemon/usage/render_refusals.h"
#include "tests/golden/snapshots.h"

namespace ion {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Viewer kViewer{.sees_all = false, .uid = 1000};
constexpr FileId kFile{1, 2};

/// Two clients of others share buffer 1; the viewer's has 2; 3 is an orphan of others.
Snapshot everything() {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(0, "carveout", "sf")};
    snapshot.heaps[0].memory_map = MemoryMap::kRangesAndGaps;
    snapshot.buffers = {buffer_usage(1, 0, 8192, 2), buffer_usage(2, 0, 4096, 1),
                        orphan_usage(3, 0, 12288, "secret", 4711)};
    snapshot.buffers[2].last_uid = 2000;
    snapshot.clients = {client_usage(1, "secret", 4711, {1}), client_usage(2, "secret", 4711, {1}),
                        client_usage(3, "mine", 611, {2})};
    for (ClientUsage& client : snapshot.clients) {
        client.uid = client.comm == "mine" ? 1000 : 2000;
    }
    AllocationRefusal refusal;
    refusal.uid = 2000;
    refusal.comm = "secret";
    refusal.pid = 4711;
    refusal.holders = {{4711, "secret", 2000, 8192}, {611, "mine", 1000, 4096}};
    snapshot.refusals = {refusal};
    snapshot.growing = {{ClientId{1}, "4711-0", 4711, "secret", 2000, 8192}};
    return snapshot;
}

TEST(Visibility, LeavesEverythingToThoseWhoSeeAll) {
    Snapshot snapshot = everything();
    hide_from(Viewer{}, snapshot);
    EXPECT_EQ(snapshot.clients.size(), 3U);
    EXPECT_EQ(snapshot.refusals[0].comm, "secret");
}

TEST(Visibility, NamesNobodyElseInAnyText) {
    Snapshot snapshot = everything();
    hide_from(kViewer, snapshot);
    const HeapFigures& heap = snapshot.heaps[0];
    for (const std::string& text : {render_heap(snapshot, heap), render_legacy_heap(snapshot, heap),
                                    render_metrics(snapshot), render_refusals(snapshot)}) {
        EXPECT_THAT(text, Not(HasSubstr("secret")));
        EXPECT_THAT(text, Not(HasSubstr("4711")));
    }
    EXPECT_THAT(render_refusals(snapshot), HasSubstr("holder: pid 611 mine 4096 bytes\n"));
}

TEST(Visibility, KeepsAllSums) {
    Snapshot snapshot = everything();
    hide_from(kViewer, snapshot);
    const std::string text = render_heap(snapshot, snapshot.heaps[0]);
    EXPECT_THAT(text, HasSubstr("            mine              611             4096\n"));
    EXPECT_THAT(text, HasSubstr("          hidden                0             8192\n"));
    EXPECT_THAT(text, HasSubstr("          hidden                0            12288 0 1\n"));
    EXPECT_THAT(text, HasSubstr("          total             24576\n"));
}

TEST(Visibility, ShowsBuffersOfOnesOwnWithoutTheOthersOfThem) {
    Snapshot snapshot = everything();
    BufferDetails shared;
    shared.usage = buffer_usage(1, 0, 8192, 2);
    shared.file = kFile;
    shared.origin = {BufferId{1}, 1, ClientId{1}, 4711, {"secret"}, 2000, "/secret"};
    shared.handles = {{ClientId{1}, "4711-0", 2000, HandleId{1}, 1},
                      {ClientId{3}, "611-0", 1000, HandleId{7}, 1}};
    BufferDetails foreign = shared;
    foreign.usage.id = BufferId{2};
    foreign.handles.pop_back();
    snapshot.details = {shared, foreign};
    auto look = std::make_shared<BufferHolders>();
    look->by_file[kFile] = {{611, 1000, "mine", {7}, {}}, {4711, 2000, "secret", {9}, {}}};
    snapshot.holders = look;

    hide_from(kViewer, snapshot);
    ASSERT_EQ(snapshot.details.size(), 1U);
    const std::string text = render_buffer(snapshot, snapshot.details[0]);
    EXPECT_THAT(text, Not(HasSubstr("secret")));
    EXPECT_THAT(text, Not(HasSubstr("4711")));
    EXPECT_THAT(text, HasSubstr("\nhandle: client=611-0 uid=1000 number=7 references=1\n"));
    EXPECT_THAT(text, HasSubstr("\nholders: 2\nholder: pid=611 uid=1000 comm=mine fds=7 maps=-\n"
                                "holder: pid=0 uid=0 comm=hidden fds=- maps=-\n"));
}

}  // namespace
}  // namespace ion
