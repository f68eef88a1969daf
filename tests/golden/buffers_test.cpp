// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "daemon/usage/render_buffer.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/snapshots.h"

namespace ion {
namespace {

constexpr FileId kFile{7, 4711};

BufferDetails full() {
    BufferDetails details;
    details.usage = buffer_usage(42, 24, 1048576, 1);
    details.usage.flags = 1;
    details.usage.outside = true;
    details.usage.placement = {{0x2d300000, 0x80000}, {0x2d400000, 0x80000}};
    details.align = 4096;
    details.file = kFile;
    details.exported = true;
    details.origin = {
        BufferId{42}, 1700000070000, ClientId{1}, 611, {"surface\nfling"}, 1000, "/a b/\x01\n\xff.service"};
    details.handles = {{ClientId{1}, "611-0", 1000, HandleId{3}, 2},
                       {ClientId{2}, "702-1", 0, HandleId{}, 0}};
    return details;
}

Snapshot snapshot_with(BufferDetails details) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(24, "carveout", "sf")};
    snapshot.details = {std::move(details)};
    snapshot.unix_ms = 1700000082345;
    return snapshot;
}

std::shared_ptr<BufferHolders> look() {
    auto holders = std::make_shared<BufferHolders>();
    holders->unix_ms = 1700000081933;
    holders->by_file[kFile] = {
        {611, 1000, "surface\nfling", {5, 9}, {}},
        {1232, 0, "a b=c", {}, {{0x7f0000000000, 0x7f0000100000}, {0x7f1000000000, 0x7f1000001000}}}};
    holders->names[kFile] = "camera\npid: 1";
    return holders;
}

TEST(RenderBuffer, PrintsAllThatIsKnown) {
    Snapshot snapshot = snapshot_with(full());
    snapshot.holders = look();
    EXPECT_EQ(render_buffer(snapshot, snapshot.details[0]), golden("buffer_full.txt"));
}

TEST(RenderBuffer, SaysWhatIsUnknown) {
    BufferDetails details;
    details.usage = buffer_usage(1, 0, 4096, 0);
    const Snapshot snapshot = snapshot_with(details);
    EXPECT_EQ(render_buffer(snapshot, snapshot.details[0]), golden("buffer_unknown.txt"));
}

TEST(RenderBuffer, SaysThatALookSawNotAll) {
    Snapshot snapshot = snapshot_with(full());
    const auto holders = look();
    snapshot.holders = holders;
    holders->unseen = 3;
    EXPECT_NE(render_buffer(snapshot, snapshot.details[0]).find("\nlook: partial\n"), std::string::npos);
    EXPECT_NE(render_buffer(snapshot, snapshot.details[0]).find("\nunseen_processes: 3\n"),
              std::string::npos);
    holders->sees_everybody = false;
    EXPECT_NE(render_buffer(snapshot, snapshot.details[0]).find("\nunseen_processes: unknown\n"),
              std::string::npos);
}

TEST(RenderBuffers, PutsAnEmptyLineBetweenTwo) {
    Snapshot snapshot = snapshot_with(full());
    EXPECT_EQ(render_buffers(Snapshot{}), "");
    snapshot.details.push_back(snapshot.details[0]);
    const std::string one = render_buffer(snapshot, snapshot.details[0]);
    EXPECT_EQ(render_buffers(snapshot), one + "\n" + one);
}

}  // namespace
}  // namespace ion
