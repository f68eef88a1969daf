// SPDX-License-Identifier: Apache-2.0
//
// The tree of the usage mount: which directories and files there are, under which inode numbers.
//
// Numbers are fixed by what a file shows, not by when it was looked up: they stay the same when a new worker
// takes the mount over. Directories and files, those that exist once and those of each heap or client, are rows of
// the tables in tree.cpp.
//
//   heaps/<heap>  clients/<pid>-<n>                                      kernels 3.10 to 4.11
//   <heap>/{num_of_buffers,num_of_alloc_bytes,alloc_bytes_wm}           Android's 5.4 and 5.10
//   total_heaps_kb  total_pools_kb                                       the same, there in /sys/kernel/ion

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/snapshot.h"

namespace ion {

inline constexpr std::uint64_t kRootInode = 1;

struct TreeNode {
    std::uint64_t inode = 0;
    bool is_directory = false;
    std::uint32_t permissions = 0;  ///< 0755 or 0444
    friend bool operator==(const TreeNode&, const TreeNode&) = default;
};

struct TreeEntry {
    std::string name;
    TreeNode node;
};

/// One heap or client as the tree sees it.
struct TreeItem {
    std::uint64_t id = 0;
    std::string name;  ///< of its file; without '/'
};

/// What names are made from: all that lookup and list need, and cheaper to have than a snapshot.
struct TreeNames {
    std::vector<TreeItem> heaps;
    std::vector<TreeItem> clients;
};

/// A heap whose name is already that of something in a directory has nothing of its own there.
[[nodiscard]] TreeNames names_of(const Snapshot& snapshot);

/// The node of an inode; nullopt when it is gone or never was.
[[nodiscard]] std::optional<TreeNode> node_of(std::uint64_t inode, const TreeNames& names);

/// The node called `name` in a directory; nullopt when there is none. Does not resolve "." and "..".
[[nodiscard]] std::optional<TreeNode> lookup(std::uint64_t directory, std::string_view name,
                                             const TreeNames& names);

/// Everything in a directory, "." and ".." first; nullopt when `directory` is none.
[[nodiscard]] std::optional<std::vector<TreeEntry>> list(std::uint64_t directory, const TreeNames& names);

/// The text of a file; nullopt when the inode is a directory or what it shows is gone.
[[nodiscard]] std::optional<std::string> render(std::uint64_t inode, const Snapshot& snapshot);

}  // namespace ion
