// SPDX-License-Identifier: Apache-2.0
//
// The tree of the usage mount: which directories and files there are, under which inode numbers.
//
// Numbers are fixed by what a file shows, not by when it was looked up: they stay the same when a new worker
// takes the mount over. Directories and files, those that exist once and those of each heap or client, are rows of
// the tables in tree.cpp.
//
//   A  <heap>  <pid>  check_leaked_fds                                     msm kernels 3.0 and 3.4
//   B  heaps/<heap>  heaps/<heap>_shrink  clients/<pid>-<n>                kernels 3.10 to 4.11
//   D  <heap>/{num_of_buffers,num_of_alloc_bytes,alloc_bytes_wm,<heap>_shrink}
//      total_heaps_kb  total_pools_kb                                      Android's 5.4 and 5.10
//      refusals  faults  metrics  map/<heap>  buffers/<id>  buffers/all    this daemon
//
// A file and a directory cannot have one name: beside layout A, the directories of layout D are in counters/.

#pragma once

#include <cstdint>
#include <functional>
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
    std::uint32_t permissions = 0;  ///< 0755, 0444, or 0644 for a file that can be written
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

/// Which generations' files there are; our own are always there.
struct Layouts {
    bool a = true;
    bool b = true;
    bool d = true;
};

/// What names are made from: all that lookup and list need, and cheaper to have than a snapshot.
struct TreeNames {
    Layouts layouts;
    std::vector<TreeItem> heaps;
    std::vector<TreeItem> shrinkable;                         ///< of the heaps
    std::vector<TreeItem> mapped;                             ///< of the heaps: those with a memory map
    std::vector<TreeItem> clients;                            ///< by their B names
    std::vector<TreeItem> legacy_clients;                     ///< by their A names: the first of each process
    std::function<bool(std::uint64_t)> has_buffer;            ///< null: none. There may be very many
    std::function<std::vector<std::uint64_t>()> all_buffers;  ///< ascending; null: none
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

/// The heap that a writable file shrinks; nullopt for any other inode.
[[nodiscard]] std::optional<HeapId> shrinks(std::uint64_t inode);

/// What a snapshot must contain for a file.
enum class Needs : std::uint8_t {
    kFigures,  ///< all but what follows
    kBuffer,   ///< heaps, the details of the file's buffer, and holders
    kBuffers,  ///< heaps, the details of all buffers, and holders
    kRefusals,
    kFaults,
    kAll,  ///< figures, refusals and faults
};

/// kFigures for an inode of no file.
[[nodiscard]] Needs needs_of(std::uint64_t inode);

/// The buffer that a file of Needs::kBuffer is about.
[[nodiscard]] BufferId buffer_of(std::uint64_t inode);

/// The text of a file; nullopt when the inode is a directory or what it shows is gone.
[[nodiscard]] std::optional<std::string> render(std::uint64_t inode, const Snapshot& snapshot);

}  // namespace ion
