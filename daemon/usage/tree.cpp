// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/tree.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <type_traits>

#include "daemon/usage/render_client.h"
#include "daemon/usage/render_counters.h"
#include "daemon/usage/render_heap.h"
#include "daemon/usage/snapshot_index.h"

namespace ion {
namespace {

constexpr std::uint64_t kHeapsInode = 2;
constexpr std::uint64_t kClientsInode = 3;
constexpr std::uint64_t kHeapDirectories = 0x2000;  // and up, one for each id

using Items = std::vector<TreeItem> TreeNames::*;

/// A directory: there is one, or with `items` one called after each of them, with inode `inode` + id.
struct Directory {
    std::uint64_t inode;
    std::uint64_t parent;
    std::string_view name;
    Items items = nullptr;
};

constexpr std::array<Directory, 4> kDirectories{{
    {kRootInode, kRootInode, "."},
    {kHeapsInode, kRootInode, "heaps"},
    {kClientsInode, kRootInode, "clients"},
    {kHeapDirectories, kRootInode, "", &TreeNames::heaps},
}};

/// Files of one kind, with inode `first` + id, or `first` alone without `items`. In a directory that there is once:
/// one called after each item, or just one called `name`. In a directory that each item has: one there, called `name`.
struct FileKind {
    std::uint64_t directory;  ///< Directory::inode
    std::string_view name;
    std::uint64_t first;
    std::uint64_t last;  ///< inclusive; the ranges of two kinds do not meet
    Items items;
    std::optional<std::string> (*render)(const Snapshot& snapshot, std::uint64_t id);
};

std::optional<std::string> render_client_file(const Snapshot& snapshot, std::uint64_t id) {
    const ClientUsage* client = find_client(snapshot, ClientId{id});
    if (client == nullptr) {
        return std::nullopt;
    }
    return render_client(snapshot, *client);
}

template <auto kRender>
std::optional<std::string> render_for_all(const Snapshot& snapshot, std::uint64_t /*id*/) {
    return kRender(snapshot);
}

template <auto kRender>
std::optional<std::string> render_for_heap(const Snapshot& snapshot, std::uint64_t id) {
    const HeapFigures* heap = find_heap(snapshot, HeapId{static_cast<std::uint32_t>(id)});
    if (heap == nullptr) {
        return std::nullopt;
    }
    if constexpr (std::is_invocable_v<decltype(kRender), const HeapFigures&>) {
        return kRender(*heap);
    } else {
        return kRender(snapshot, *heap);
    }
}

constexpr auto kNoEnd = std::numeric_limits<std::uint64_t>::max();

constexpr std::array<FileKind, 7> kFileKinds{{
    {kHeapsInode, "", 0x1000, 0x101f, &TreeNames::heaps, render_for_heap<render_heap>},
    {kHeapDirectories, "num_of_buffers", 0x1100, 0x111f, &TreeNames::heaps,
     render_for_heap<render_buffer_count>},
    {kHeapDirectories, "num_of_alloc_bytes", 0x1200, 0x121f, &TreeNames::heaps,
     render_for_heap<render_buffer_bytes>},
    {kHeapDirectories, "alloc_bytes_wm", 0x1300, 0x131f, &TreeNames::heaps,
     render_for_heap<render_peak_bytes>},
    {kRootInode, "total_heaps_kb", 0x10, 0x10, nullptr, render_for_all<render_total_heaps_kb>},
    {kRootInode, "total_pools_kb", 0x11, 0x11, nullptr, render_for_all<render_total_pools_kb>},
    {kClientsInode, "", 0x100000, kNoEnd, &TreeNames::clients, render_client_file},
}};

constexpr std::uint64_t kIdsOfADirectory = 32;  // heaps' ids are bit numbers

constexpr TreeNode directory_node(std::uint64_t inode) {
    return {inode, true, 0755};
}
constexpr TreeNode file_node(std::uint64_t inode) {
    return {inode, false, 0444};
}

const TreeItem* find_item(Items items, std::uint64_t id, const TreeNames& names) {
    const auto& all = names.*items;
    const auto found = std::ranges::find(all, id, &TreeItem::id);
    return found == all.end() ? nullptr : &*found;
}

/// The row that an inode is a directory of, if that is there.
const Directory* find_directory(std::uint64_t inode, const TreeNames& names) {
    const auto* found = std::ranges::find_if(kDirectories, [&](const Directory& one) {
        return one.items == nullptr ? one.inode == inode
                                    : inode >= one.inode && inode < one.inode + kIdsOfADirectory &&
                                          find_item(one.items, inode - one.inode, names) != nullptr;
    });
    return found == kDirectories.end() ? nullptr : found;
}

const FileKind* find_kind(std::uint64_t inode) {
    const auto* found = std::ranges::find_if(
        kFileKinds, [=](const FileKind& kind) { return inode >= kind.first && inode <= kind.last; });
    return found == kFileKinds.end() ? nullptr : found;
}

void add_directories(std::vector<TreeEntry>& entries, const Directory& parent, const TreeNames& names) {
    for (const Directory& child : kDirectories) {
        if (child.parent != parent.inode || &child == &parent) {
            continue;
        }
        if (child.items == nullptr) {
            entries.push_back({std::string(child.name), directory_node(child.inode)});
            continue;
        }
        for (const TreeItem& item : names.*child.items) {
            entries.push_back({item.name, directory_node(child.inode + item.id)});
        }
    }
}

void add_files(std::vector<TreeEntry>& entries, const Directory& row, std::uint64_t directory,
               const TreeNames& names) {
    for (const FileKind& kind : kFileKinds) {
        if (kind.directory != row.inode) {
            continue;
        }
        if (row.items != nullptr) {
            entries.push_back({std::string(kind.name), file_node(kind.first + (directory - row.inode))});
        } else if (kind.items == nullptr) {
            entries.push_back({std::string(kind.name), file_node(kind.first)});
        } else {
            for (const TreeItem& item : names.*kind.items) {
                entries.push_back({item.name, file_node(kind.first + item.id)});
            }
        }
    }
}

/// Subdirectories and files of a directory, without "." and "..". Of two with one name the first stays, and what is
/// there once comes before what is called after an item.
std::vector<TreeEntry> children(const Directory& row, std::uint64_t directory, const TreeNames& names) {
    std::vector<TreeEntry> entries;
    add_files(entries, row, directory, names);
    add_directories(entries, row, names);
    std::set<std::string_view> seen;
    std::erase_if(entries, [&](const TreeEntry& entry) { return !seen.insert(entry.name).second; });
    return entries;
}

}  // namespace

TreeNames names_of(const Snapshot& snapshot) {
    TreeNames names;
    for (const HeapFigures& heap : snapshot.heaps) {
        names.heaps.push_back({heap.id.value, heap.name});
    }
    for (const ClientUsage& client : snapshot.clients) {
        names.clients.push_back({client.id.value, display_name(client)});
    }
    return names;
}

std::optional<TreeNode> node_of(std::uint64_t inode, const TreeNames& names) {
    if (find_directory(inode, names) != nullptr) {
        return directory_node(inode);
    }
    const FileKind* kind = find_kind(inode);
    if (kind == nullptr) {
        return std::nullopt;
    }
    const bool exists =
        kind->items == nullptr || find_item(kind->items, inode - kind->first, names) != nullptr;
    return exists ? std::optional(file_node(inode)) : std::nullopt;
}

std::optional<TreeNode> lookup(std::uint64_t directory, std::string_view name, const TreeNames& names) {
    const Directory* row = find_directory(directory, names);
    if (row == nullptr) {
        return std::nullopt;  // nothing is in what is no directory
    }
    const auto entries = children(*row, directory, names);
    const auto found = std::ranges::find(entries, name, &TreeEntry::name);
    return found == entries.end() ? std::nullopt : std::optional(found->node);
}

std::optional<std::vector<TreeEntry>> list(std::uint64_t directory, const TreeNames& names) {
    const Directory* row = find_directory(directory, names);
    if (row == nullptr) {
        return std::nullopt;
    }
    std::vector<TreeEntry> entries{{".", directory_node(directory)}, {"..", directory_node(row->parent)}};
    for (TreeEntry& child : children(*row, directory, names)) {
        entries.push_back(std::move(child));
    }
    return entries;
}

std::optional<std::string> render(std::uint64_t inode, const Snapshot& snapshot) {
    const FileKind* kind = find_kind(inode);
    if (kind == nullptr) {
        return std::nullopt;
    }
    return kind->render(snapshot, inode - kind->first);
}

}  // namespace ion
