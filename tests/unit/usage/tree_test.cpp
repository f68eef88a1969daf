// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/golden/snapshots.h"

namespace ion {
namespace {

using testing::ElementsAre;

constexpr std::uint64_t kHeaps = 2;
constexpr std::uint64_t kClients = 3;
constexpr std::uint64_t kMaps = 4;
constexpr std::uint64_t kCounters = 5;
constexpr std::uint64_t kBuffers = 6;
constexpr std::uint64_t kSystem = 0x2000;  // a heap's own directory
constexpr std::uint64_t kSf = 0x2000 + 31;

Snapshot two_heaps_and_two_clients() {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(0, "system", "system"), heap_figures(31, "carveout", "sf")};
    snapshot.heaps[0].can_shrink = true;
    snapshot.heaps[1].memory_map = MemoryMap::kRangesAndGaps;
    snapshot.buffers = {buffer_usage(1, 31, 4096, 1)};
    snapshot.clients = {client_usage(7, "a", 100, {}), client_usage(8, "a", 100, {1})};
    snapshot.clients[1].serial = 1;
    return snapshot;
}

/// And a buffer with the number 1.
TreeNames names() {
    TreeNames names = names_of(two_heaps_and_two_clients());
    names.has_buffer = [](std::uint64_t id) { return id == 1; };
    names.all_buffers = [] { return std::vector<std::uint64_t>{1}; };
    return names;
}

std::vector<std::string> listed(std::uint64_t directory) {
    std::vector<std::string> lines;
    for (const TreeEntry& entry : list(directory, names()).value_or(std::vector<TreeEntry>{})) {
        lines.push_back(entry.name + " " + std::to_string(entry.node.inode));
    }
    return lines;
}

TEST(UsageTree, ListsEveryDirectory) {
    EXPECT_THAT(listed(kRootInode),
                ElementsAre(". 1", ".. 1", "check_leaked_fds 18", "total_heaps_kb 16", "total_pools_kb 17",
                            "refusals 19", "metrics 20", "faults 22", "heaps 2", "clients 3", "map 4",
                            "buffers 6", "counters 5", "system 5120", "sf 5151", "100 1048598"));
    EXPECT_THAT(listed(kHeaps), ElementsAre(". 2", ".. 1", "system 4096", "sf 4127", "system_shrink 5376"));
    EXPECT_THAT(listed(kMaps), ElementsAre(". 4", ".. 1", "sf 5919"));
    EXPECT_THAT(listed(kCounters), ElementsAre(". 5", ".. 1", "system 8192", "sf 8223"));
    EXPECT_THAT(listed(kSystem),
                ElementsAre(". 8192", ".. 5", "num_of_buffers 4352", "num_of_alloc_bytes 4608",
                            "alloc_bytes_wm 4864", "system_shrink 5632"));
    EXPECT_THAT(listed(kSf), ElementsAre(". 8223", ".. 5", "num_of_buffers 4383", "num_of_alloc_bytes 4639",
                                         "alloc_bytes_wm 4895"));
    EXPECT_THAT(listed(kClients), ElementsAre(". 3", ".. 1", "100-0 1048597", "100-1 1048600"));
    EXPECT_THAT(listed(kBuffers), ElementsAre(". 6", ".. 1", "all 21", "1 1048581"));
}

TEST(UsageTree, HasTheDirectoriesOf510AtItsRootWithoutGenerationA) {
    TreeNames modern = names();
    modern.layouts.a = false;
    EXPECT_EQ(lookup(kRootInode, "sf", modern), (TreeNode{kSf, true, 0755}));
    EXPECT_EQ(list(kSf, modern)->at(1).node.inode, kRootInode);
    EXPECT_FALSE(lookup(kRootInode, "counters", modern));
    EXPECT_FALSE(node_of(kCounters, modern));
    EXPECT_FALSE(lookup(kRootInode, "check_leaked_fds", modern));
    EXPECT_FALSE(lookup(kRootInode, "100", modern));
}

TEST(UsageTree, HasNothingOfALayoutThatIsOff) {
    TreeNames ours = names();
    ours.layouts = {.a = false, .b = false, .d = false};
    std::vector<std::string> left;
    const auto root = list(kRootInode, ours);
    for (const TreeEntry& entry : *root) {
        left.push_back(entry.name);
    }
    EXPECT_THAT(left, ElementsAre(".", "..", "refusals", "metrics", "faults", "map", "buffers"));
    EXPECT_FALSE(node_of(kHeaps, ours));
    EXPECT_FALSE(node_of(0x1000, ours));
}

TEST(UsageTree, LetsOnlyShrinkFilesBeWritten) {
    const auto file = lookup(kHeaps, "system_shrink", names());
    ASSERT_TRUE(file);
    EXPECT_EQ(file->permissions, 0644U);
    EXPECT_EQ(shrinks(file->inode), HeapId{0});
    EXPECT_FALSE(shrinks(0x1000));
    EXPECT_FALSE(shrinks(kRootInode));
}

TEST(UsageTree, SaysWhatAFileNeeds) {
    const auto needs = [](std::uint64_t directory, const char* name) {
        return needs_of(lookup(directory, name, names())->inode);
    };
    EXPECT_EQ(needs(kBuffers, "1"), Needs::kBuffer);
    EXPECT_EQ(buffer_of(lookup(kBuffers, "1", names())->inode), BufferId{1});
    EXPECT_EQ(needs(kBuffers, "all"), Needs::kBuffers);
    EXPECT_EQ(needs(kRootInode, "refusals"), Needs::kRefusals);
    EXPECT_EQ(needs(kRootInode, "faults"), Needs::kFaults);
    EXPECT_EQ(needs(kHeaps, "system"), Needs::kFigures);
}

TEST(UsageTree, ListsNothingForAFileOrAnUnknownInode) {
    EXPECT_FALSE(list(0x1000, names()));
    EXPECT_FALSE(list(99, names()));
}

TEST(UsageTree, LooksUpWhatItLists) {
    for (const std::uint64_t directory : {kRootInode, kHeaps, kClients, kBuffers, kSf}) {
        const auto entries = list(directory, names());
        ASSERT_TRUE(entries);
        for (const TreeEntry& entry : *entries) {
            if (entry.name.front() != '.') {
                EXPECT_EQ(lookup(directory, entry.name, names()), entry.node) << entry.name;
                EXPECT_EQ(node_of(entry.node.inode, names()), entry.node) << entry.name;
            }
        }
    }
}

TEST(UsageTree, GivesDirectoriesAndFilesTheirPermissions) {
    EXPECT_EQ(lookup(kRootInode, "heaps", names()), (TreeNode{kHeaps, true, 0755}));
    EXPECT_EQ(lookup(kHeaps, "sf", names()), (TreeNode{0x1000 + 31, false, 0444}));
}

TEST(UsageTree, FindsNothingElsewhere) {
    EXPECT_FALSE(lookup(kRootInode, "100-0", names()));
    EXPECT_FALSE(lookup(kSf, "system", names()));
    EXPECT_FALSE(lookup(kSf - 1, "num_of_buffers", names()));
    EXPECT_FALSE(lookup(kHeaps, "100-0", names()));
    EXPECT_FALSE(lookup(kHeaps, "", names()));
    EXPECT_FALSE(lookup(0x1000, "system", names()));
    EXPECT_FALSE(lookup(99, "system", names()));
    for (const char* name : {"2", "01", "+1", "1 ", "", "18446744073709551616"}) {
        EXPECT_FALSE(lookup(kBuffers, name, names())) << name;
    }
}

TEST(UsageTree, HasNoNodeForAHeapOrClientThatIsGone) {
    EXPECT_FALSE(node_of(0x1000 + 5, names()));
    EXPECT_FALSE(node_of(0x1000 + 32, names()));
    EXPECT_FALSE(node_of(0x2000 + 5, names()));
    EXPECT_FALSE(node_of(0x2000 + 32, names()));
    EXPECT_FALSE(node_of(0x1100 + 5, names()));
    EXPECT_FALSE(node_of(0x100000 + 3 * 9, names()));
    EXPECT_FALSE(node_of(0x100000 + 3 * 2 + 2, names()));
    EXPECT_FALSE(node_of(0, names()));
    EXPECT_FALSE(node_of(7, names()));
}

TEST(UsageTree, GivesAHeapNothingUnderANameThatIsTaken) {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(3, "system", "clients"), heap_figures(4, "system", "total_heaps_kb")};
    const TreeNames taken = names_of(snapshot);

    EXPECT_EQ(list(kRootInode, taken)->size(), 2U + 11U);
    EXPECT_EQ(lookup(kRootInode, "clients", taken), (TreeNode{kClients, true, 0755}));
    EXPECT_EQ(lookup(kRootInode, "total_heaps_kb", taken), (TreeNode{0x10, false, 0444}));
    EXPECT_EQ(lookup(kHeaps, "clients", taken), (TreeNode{0x1003, false, 0444}));
}

TEST(UsageTree, KeepsAnInodeWhenOthersGo) {
    Snapshot snapshot = two_heaps_and_two_clients();
    const auto before = lookup(kClients, "100-1", names_of(snapshot));
    snapshot.clients.erase(snapshot.clients.begin());
    ASSERT_TRUE(before);
    EXPECT_EQ(lookup(kClients, "100-1", names_of(snapshot)), before);
}

TEST(UsageTree, RendersTheFileOfItsInode) {
    const Snapshot snapshot = two_heaps_and_two_clients();
    EXPECT_THAT(render(0x1000 + 31, snapshot).value_or(""),
                testing::HasSubstr("          total              4096\n"));
    EXPECT_THAT(render(0x1000, snapshot).value_or(""), testing::HasSubstr("0 order 8 highmem pages"));
    EXPECT_THAT(render(0x100000 + 3 * 8, snapshot).value_or(""),
                testing::EndsWith("              sf:             4096\n"));
}

TEST(UsageTree, RendersCounters) {
    Snapshot snapshot = two_heaps_and_two_clients();
    snapshot.heaps[0].buffer_bytes = 1 << 20;
    snapshot.heaps[1].buffer_count = 3;
    snapshot.heaps[1].buffer_bytes = 12288;
    snapshot.heaps[1].peak_bytes = 20480;
    snapshot.heaps[1].usage = {.deferred = 5000, .pooled = 10 << 10};

    EXPECT_EQ(render(0x1100 + 31, snapshot), "3\n");
    EXPECT_EQ(render(0x1200 + 31, snapshot), "17288\n");
    EXPECT_EQ(render(0x1300 + 31, snapshot), "20480\n");
    EXPECT_EQ(render(0x1300, snapshot), "1048576\n") << "never less than there is";
    EXPECT_EQ(render(0x10, snapshot), "1040\n");
    EXPECT_EQ(render(0x11, snapshot), "10\n");
}

TEST(UsageTree, RendersNothingForDirectoriesAndWhatIsGone) {
    const Snapshot snapshot = two_heaps_and_two_clients();
    for (const std::uint64_t inode :
         {std::uint64_t{0}, kRootInode, kHeaps, kClients, kSf, std::uint64_t{0x1005}, std::uint64_t{0x1105},
          std::uint64_t{0x1020}, std::uint64_t{0x100009}}) {
        EXPECT_FALSE(render(inode, snapshot)) << inode;
    }
}

}  // namespace
}  // namespace ion
