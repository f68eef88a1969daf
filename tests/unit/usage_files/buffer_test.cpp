// SPDX-License-Identifier: Apache-2.0

#include "client/usage/buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace ion::usage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string stored(const std::string& name) {
    std::ifstream file(ION_SOURCE_DIR "/tests/ionctl/mount/buffers/" + name);
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

Buffer one(const std::string& text) {
    const auto buffers = parse_buffers(text);
    EXPECT_TRUE(buffers && buffers->size() == 1);
    return buffers && !buffers->empty() ? buffers->front() : Buffer();
}

TEST(Buffers, ReadsEveryLineOfOne) {
    const Buffer buffer = one(stored("3"));
    EXPECT_EQ(buffer.id, 3U);
    EXPECT_EQ(buffer.name, "video frame");
    EXPECT_EQ(buffer.size, 16U << 20);
    EXPECT_EQ(buffer.heap, "carveout");
    EXPECT_EQ(buffer.placement, "0x30c00000-0x31c00000");
    EXPECT_EQ(buffer.exporter, "udmabuf");
    EXPECT_EQ(buffer.flags, 0U);
    EXPECT_EQ(buffer.align, 4096U);
    EXPECT_EQ(buffer.created, "2026-03-02T09:40:01Z");
    EXPECT_EQ(buffer.age, "66.000");
    EXPECT_EQ(buffer.creator_pid, 702);
    EXPECT_EQ(buffer.creator_uid, 1013U);
    EXPECT_EQ(buffer.creator_comm, "mediaserver");
    EXPECT_EQ(buffer.creator_cgroup, "/system.slice/media.service");
    EXPECT_TRUE(buffer.exported);
    EXPECT_TRUE(buffer.outside);
    ASSERT_EQ(buffer.handles.size(), 1U);
    EXPECT_EQ(buffer.handles[0].client, "702-0");
    EXPECT_EQ(buffer.handles[0].number, 1U);
    EXPECT_EQ(buffer.handles[0].references, 1U);
    EXPECT_EQ(buffer.look, Look::kComplete);
    EXPECT_EQ(buffer.look_age, "0.412");
    EXPECT_EQ(buffer.unseen, 0U);
    ASSERT_EQ(buffer.holders.size(), 2U);
    EXPECT_THAT(buffer.holders[0].fds, ElementsAre(21));
    EXPECT_THAT(buffer.holders[0].maps, IsEmpty());
    EXPECT_THAT(buffer.holders[1].fds, ElementsAre(9, 10));
    EXPECT_THAT(buffer.holders[1].maps, ElementsAre("0x7fb010000000-0x7fb011000000"));
}

TEST(Buffers, ReadsAllOfThem) {
    const auto all = parse_buffers(stored("all"));
    ASSERT_TRUE(all) << all.error().context;
    ASSERT_EQ(all->size(), 12U);
    EXPECT_EQ(all->back().id, 12U);
    EXPECT_EQ(all->back().look, Look::kPartial);
    EXPECT_EQ(all->back().unseen, 2U);
    EXPECT_TRUE(parse_buffers("")->empty());
}

TEST(Buffers, KnowWhoLetGo) {
    const auto all = parse_buffers(stored("all"));
    ASSERT_TRUE(all) << all.error().context;
    std::vector<std::uint64_t> orphaned;
    std::vector<std::uint64_t> left;
    for (const Buffer& buffer : *all) {
        if (buffer.orphaned()) {
            orphaned.push_back(buffer.id);
        }
        if (buffer.left_by_creator()) {
            left.push_back(buffer.id);
        }
    }
    EXPECT_THAT(orphaned, ElementsAre(4));
    EXPECT_THAT(left, ElementsAre(4, 11));

    Buffer of_a_driver = all->at(10);
    of_a_driver.creator_pid = 0;
    EXPECT_FALSE(of_a_driver.left_by_creator());
    Buffer not_seen = all->at(10);
    not_seen.look = Look::kUnknown;
    EXPECT_FALSE(not_seen.left_by_creator());
}

TEST(Buffers, HaveNoLookAtFirst) {
    const Buffer buffer =
        one("id: 1\nsize: 4096\ncreated: -\nage: -\nlook: unknown\nlook_age: -\n"
            "unseen_processes: unknown\nholders: unknown\n");
    EXPECT_EQ(buffer.look, Look::kUnknown);
    EXPECT_EQ(buffer.look_age, "");
    EXPECT_EQ(buffer.created, "");
    EXPECT_FALSE(buffer.unseen);
}

TEST(Buffers, LeaveOutKeysOfALaterDaemon) {
    EXPECT_EQ(one("id: 1\nsomething: else\nsize: 4096\n").size, 4096U);
}

TEST(Buffers, RefuseWhatTheyDoNotUnderstandByItsLine) {
    for (const char* line : {"id: x", "size: -1", "no colon", "exported: maybe", "handle: client=7-0",
                             "handle: uid=1 number=1 references=1", "holder: pid=x uid=0 comm=a fds=- maps=-",
                             "holder: pid=1 uid=0 comm=a fds=1,x maps=-", "unseen_processes: many"}) {
        const auto buffers = parse_buffers("heap: a\n" + std::string(line) + "\n");
        ASSERT_FALSE(buffers) << line;
        EXPECT_THAT(buffers.error().context, HasSubstr("buffers: line 2")) << line;
    }
}

}  // namespace
}  // namespace ion::usage
