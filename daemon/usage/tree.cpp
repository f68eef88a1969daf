// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/tree.h"

#include <algorithm>
#include <array>
#include <limits>

#include "daemon/usage/render_client.h"
#include "daemon/usage/render_heap.h"
#include "daemon/usage/snapshot_index.h"

namespace ion {
namespace {

constexpr std::uint64_t kHeapsInode = 2;
constexpr std::uint64_t kClientsInode = 3;

struct Directory {
    std::uint64_t inode;
    std::uint64_t parent;
    std::string_view name;
};

constexpr std::array<Directory, 3> kDirectories{{
    {kRootInode, kRootInode, "."},
    {kHeapsInode, kRootInode, "heaps"},
    {kClientsInode, kRootInode, "clients"},
}};

/// Files of one kind: one in `directory` for each of `items`, with inode `first` + id.
struct FileKind {
    std::uint64_t directory;
    std::uint64_t first;
    std::uint64_t last;  ///< inclusive; the ranges of two kinds do not meet
    std::vector<TreeItem> TreeNames::*items;
    std::optional<std::string> (*render)(const Snapshot& snapshot, std::uint64_t id);
};

std::optional<std::string> render_heap_file(const Snapshot& snapshot, std::uint64_t id) {
    const HeapFigures* heap = find_heap(snapshot, HeapId{static_cast<std::uint32_t>(id)});
    if (heap == nullptr) {
        return std::nullopt;
    }
    return render_heap(snapshot, *heap);
}

std::optional<std::string> render_client_file(const Snapshot& snapshot, std::uint64_t id) {
    const ClientUsage* client = find_client(snapshot, ClientId{id});
    if (client == nullptr) {
        return std::nullopt;
    }
    return render_client(snapshot, *client);
}

constexpr std::array<FileKind, 2> kFileKinds{{
    {kHeapsInode, 0x1000, 0x101f, &TreeNames::heaps, render_heap_file},
    {kClientsInode, 0x100000, std::numeric_limits<std::uint64_t>::max(), &TreeNames::clients,
     render_client_file},
}};

constexpr TreeNode directory_node(std::uint64_t inode) {
    return {inode, true, 0755};
}
constexpr TreeNode file_node(std::uint64_t inode) {
    return {inode, false, 0444};
}

const Directory* find_directory(std::uint64_t inode) {
    const auto* found = std::ranges::find(kDirectories, inode, &Directory::inode);
    return found == kDirectories.end() ? nullptr : found;
}

const FileKind* find_kind(std::uint64_t inode) {
    const auto* found = std::ranges::find_if(
        kFileKinds, [=](const FileKind& kind) { return inode >= kind.first && inode <= kind.last; });
    return found == kFileKinds.end() ? nullptr : found;
}

/// Subdirectories and files of a directory, without "." and "..".
std::vector<TreeEntry> children(std::uint64_t directory, const TreeNames& names) {
    std::vector<TreeEntry> entries;
    for (const Directory& child : kDirectories) {
        if (child.parent == directory && child.inode != directory) {
            entries.push_back({std::string(child.name), directory_node(child.inode)});
        }
    }
    for (const FileKind& kind : kFileKinds) {
        if (kind.directory != directory) {
            continue;
        }
        for (const TreeItem& item : names.*kind.items) {
            entries.push_back({item.name, file_node(kind.first + item.id)});
        }
    }
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
    if (find_directory(inode) != nullptr) {
        return directory_node(inode);
    }
    const FileKind* kind = find_kind(inode);
    if (kind == nullptr) {
        return std::nullopt;
    }
    const auto& items = names.*kind->items;
    if (std::ranges::find(items, inode - kind->first, &TreeItem::id) == items.end()) {
        return std::nullopt;
    }
    return file_node(inode);
}

std::optional<TreeNode> lookup(std::uint64_t directory, std::string_view name, const TreeNames& names) {
    const auto entries = children(directory, names);  // nothing is in what is no directory
    const auto found = std::ranges::find(entries, name, &TreeEntry::name);
    if (found == entries.end()) {
        return std::nullopt;
    }
    return found->node;
}

std::optional<std::vector<TreeEntry>> list(std::uint64_t directory, const TreeNames& names) {
    const Directory* self = find_directory(directory);
    if (self == nullptr) {
        return std::nullopt;
    }
    std::vector<TreeEntry> entries{{".", directory_node(self->inode)}, {"..", directory_node(self->parent)}};
    for (TreeEntry& child : children(directory, names)) {
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
