// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/tree.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <type_traits>

#include "daemon/usage/memory_map.h"
#include "daemon/usage/render_buffer.h"
#include "daemon/usage/render_client.h"
#include "daemon/usage/render_counters.h"
#include "daemon/usage/render_faults.h"
#include "daemon/usage/render_heap.h"
#include "daemon/usage/render_legacy.h"
#include "daemon/usage/render_metrics.h"
#include "daemon/usage/render_refusals.h"
#include "daemon/usage/snapshot_index.h"

namespace ion {
namespace {

constexpr std::uint64_t kHeapsInode = 2;
constexpr std::uint64_t kClientsInode = 3;
constexpr std::uint64_t kMapsInode = 4;
constexpr std::uint64_t kCountersInode = 5;
constexpr std::uint64_t kBuffersInode = 6;
constexpr std::uint64_t kFirstItem = 0x1000;        // from here on inodes belong to a heap or client
constexpr std::uint64_t kHeapDirectories = 0x2000;  // and up, one for each id

using Items = std::vector<TreeItem> TreeNames::*;
using Layout = bool Layouts::*;
constexpr Layout kAlways = nullptr;

/// A directory: there is one, or with `items` one called after each of them, with inode `inode` + id.
struct Directory {
    std::uint64_t inode;
    std::uint64_t parent;
    std::string_view name;
    Layout layout = kAlways;
    Items items = nullptr;
};

constexpr std::array<Directory, 7> kDirectories{{
    {kRootInode, kRootInode, "."},
    {kHeapsInode, kRootInode, "heaps", &Layouts::b},
    {kClientsInode, kRootInode, "clients", &Layouts::b},
    {kMapsInode, kRootInode, "map"},
    {kBuffersInode, kRootInode, "buffers"},
    {kCountersInode, kRootInode, "counters", &Layouts::d},
    {kHeapDirectories, kCountersInode, "", &Layouts::d, &TreeNames::heaps},
}};

/// Files of one kind, with inode `first` + id * `stride`, or `first` alone without `items`. In a directory that there is once:
/// one for each item, or just one. In a directory that each item has: one there. In its name, * stands for the item's.
struct FileKind {
    std::uint64_t directory;  ///< Directory::inode
    std::string_view name;
    std::uint64_t first;
    std::uint64_t last;  ///< inclusive; the ranges of two kinds do not meet
    Layout layout;
    Items items;
    std::optional<std::string> (*render)(const Snapshot& snapshot, std::uint64_t id);
    std::uint64_t stride = 1;  ///< between the inodes of two ids
    bool shrinks = false;      ///< can be written
    Needs needs = Needs::kFigures;
    bool of_buffers = false;  ///< one for each buffer, called by its number; `items` is null

    [[nodiscard]] bool has(std::uint64_t inode) const {
        return inode >= first && inode <= last && (inode - first) % stride == 0;
    }
    [[nodiscard]] std::uint64_t id_of(std::uint64_t inode) const { return (inode - first) / stride; }
};

template <auto kRender>
std::optional<std::string> render_for_client(const Snapshot& snapshot, std::uint64_t id) {
    const ClientUsage* client = find_client(snapshot, ClientId{id});
    if (client == nullptr) {
        return std::nullopt;
    }
    return kRender(snapshot, *client);
}

std::optional<std::string> render_for_buffer(const Snapshot& snapshot, std::uint64_t id) {
    const BufferDetails* details = find_details(snapshot, BufferId{id});
    if (details == nullptr) {
        return std::nullopt;
    }
    return render_buffer(snapshot, *details);
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

// Ids of clients and buffers grow without end; their inodes stay below 2^32 for as long as they can, for 32-bit
// programs. So the two kinds of files that a client has and the one of a buffer share one range.
constexpr std::uint64_t kGrowing = 0x100000;
constexpr std::uint64_t kGrowingKinds = 3;
constexpr auto kNoEnd = std::numeric_limits<std::uint64_t>::max();

constexpr std::array<FileKind, 18> kFileKinds{{
    {kRootInode, "check_leaked_fds", 0x12, 0x12, &Layouts::a, nullptr, render_for_all<render_leaked_fds>},
    {kRootInode, "total_heaps_kb", 0x10, 0x10, &Layouts::d, nullptr, render_for_all<render_total_heaps_kb>},
    {kRootInode, "total_pools_kb", 0x11, 0x11, &Layouts::d, nullptr, render_for_all<render_total_pools_kb>},
    {kRootInode, "refusals", 0x13, 0x13, kAlways, nullptr, render_for_all<render_refusals>, 1, false,
     Needs::kRefusals},
    {kRootInode, "metrics", 0x14, 0x14, kAlways, nullptr, render_for_all<render_metrics>, 1, false,
     Needs::kAll},
    {kRootInode, "faults", 0x16, 0x16, kAlways, nullptr, render_for_all<render_faults>, 1, false,
     Needs::kFaults},
    {kRootInode, "*", 0x1400, 0x141f, &Layouts::a, &TreeNames::heaps, render_for_heap<render_legacy_heap>},
    {kRootInode, "*", kGrowing + 1, kNoEnd, &Layouts::a, &TreeNames::legacy_clients,
     render_for_client<render_legacy_client>, kGrowingKinds},
    {kHeapsInode, "*", 0x1000, 0x101f, &Layouts::b, &TreeNames::heaps, render_for_heap<render_heap>},
    {kHeapsInode, "*_shrink", 0x1500, 0x151f, &Layouts::b, &TreeNames::shrinkable,
     render_for_heap<render_shrinkable_pages>, 1, true},
    {kClientsInode, "*", kGrowing, kNoEnd, &Layouts::b, &TreeNames::clients, render_for_client<render_client>,
     kGrowingKinds},
    {kMapsInode, "*", 0x1700, 0x171f, kAlways, &TreeNames::mapped, render_for_heap<render_memory_map>},
    {kBuffersInode, "all", 0x15, 0x15, kAlways, nullptr, render_for_all<render_buffers>, 1, false,
     Needs::kBuffers},
    {kBuffersInode, "*", kGrowing + 2, kNoEnd, kAlways, nullptr, render_for_buffer, kGrowingKinds, false,
     Needs::kBuffer, true},
    {kHeapDirectories, "num_of_buffers", 0x1100, 0x111f, &Layouts::d, &TreeNames::heaps,
     render_for_heap<render_buffer_count>},
    {kHeapDirectories, "num_of_alloc_bytes", 0x1200, 0x121f, &Layouts::d, &TreeNames::heaps,
     render_for_heap<render_buffer_bytes>},
    {kHeapDirectories, "alloc_bytes_wm", 0x1300, 0x131f, &Layouts::d, &TreeNames::heaps,
     render_for_heap<render_peak_bytes>},
    {kHeapDirectories, "*_shrink", 0x1600, 0x161f, &Layouts::d, &TreeNames::shrinkable,
     render_for_heap<render_shrinkable_pages>, 1, true},
}};

constexpr std::uint64_t kIdsOfADirectory = 32;  // heaps' ids are bit numbers

constexpr TreeNode directory_node(std::uint64_t inode) {
    return {inode, true, 0755};
}
constexpr TreeNode file_node(const FileKind& kind, std::uint64_t id) {
    return {kind.first + id * kind.stride, false, kind.shrinks ? 0644U : 0444U};
}

std::string file_name(const FileKind& kind, std::string_view item) {
    std::string name(kind.name);
    if (const auto star = name.find('*'); star != std::string::npos) {
        name.replace(star, 1, item);
    }
    return name;
}

bool shown(Layout layout, const TreeNames& names) {
    return layout == kAlways || names.layouts.*layout;
}

const TreeItem* find_item(Items items, std::uint64_t id, const TreeNames& names) {
    const auto& all = names.*items;
    const auto found = std::ranges::find(all, id, &TreeItem::id);
    return found == all.end() ? nullptr : &*found;
}

const FileKind& kind_of_buffers() {
    return *std::ranges::find_if(kFileKinds, &FileKind::of_buffers);
}

bool has_buffer(std::uint64_t id, const TreeNames& names) {
    return names.has_buffer && names.has_buffer(id);
}

/// The number that is written as `name`, without leading zeros.
std::optional<std::uint64_t> number_of(std::string_view name) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool whole = parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size();
    return whole && std::to_string(number) == name ? std::optional(number) : std::nullopt;
}

/// Beside the files of layout A there is no room for directories of the same names.
bool exists(const Directory& row, const TreeNames& names) {
    return shown(row.layout, names) && (row.inode != kCountersInode || names.layouts.a);
}

std::uint64_t parent_of(const Directory& row, const TreeNames& names) {
    return row.parent == kCountersInode && !names.layouts.a ? kRootInode : row.parent;
}

/// The row that an inode is a directory of, if that is there.
const Directory* find_directory(std::uint64_t inode, const TreeNames& names) {
    const auto* found = std::ranges::find_if(kDirectories, [&](const Directory& one) {
        return one.items == nullptr ? one.inode == inode
                                    : inode >= one.inode && inode < one.inode + kIdsOfADirectory &&
                                          find_item(one.items, inode - one.inode, names) != nullptr;
    });
    return found == kDirectories.end() || !exists(*found, names) ? nullptr : found;
}

const FileKind* find_kind(std::uint64_t inode) {
    const auto* found =
        std::ranges::find_if(kFileKinds, [=](const FileKind& kind) { return kind.has(inode); });
    return found == kFileKinds.end() ? nullptr : found;
}

void add_directories(std::vector<TreeEntry>& entries, const Directory& parent, const TreeNames& names) {
    for (const Directory& child : kDirectories) {
        if (!exists(child, names) || parent_of(child, names) != parent.inode || &child == &parent) {
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
        if (kind.directory != row.inode || !shown(kind.layout, names)) {
            continue;
        }
        if (kind.of_buffers) {
            for (const std::uint64_t id :
                 names.all_buffers ? names.all_buffers() : std::vector<std::uint64_t>()) {
                entries.push_back({std::to_string(id), file_node(kind, id)});
            }
            continue;
        }
        if (kind.items == nullptr) {
            entries.push_back({std::string(kind.name), file_node(kind, 0)});
            continue;
        }
        for (const TreeItem& item : names.*kind.items) {
            if (row.items == nullptr || item.id == directory - row.inode) {
                entries.push_back({file_name(kind, item.name), file_node(kind, item.id)});
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
    std::ranges::stable_partition(entries,
                                  [](const TreeEntry& entry) { return entry.node.inode < kFirstItem; });
    std::set<std::string_view> seen;
    std::erase_if(entries, [&](const TreeEntry& entry) { return !seen.insert(entry.name).second; });
    return entries;
}

}  // namespace

TreeNames names_of(const Snapshot& snapshot) {
    TreeNames names;
    for (const HeapFigures& heap : snapshot.heaps) {
        const TreeItem item{heap.id.value, heap.name};
        names.heaps.push_back(item);
        if (heap.can_shrink) {
            names.shrinkable.push_back(item);
        }
        if (heap.memory_map != MemoryMap::kNone) {
            names.mapped.push_back(item);
        }
    }
    for (const ClientUsage& client : snapshot.clients) {
        names.clients.push_back({client.id.value, display_name(client)});
        names.legacy_clients.push_back({client.id.value, client.name});
    }
    return names;
}

std::optional<TreeNode> node_of(std::uint64_t inode, const TreeNames& names) {
    if (find_directory(inode, names) != nullptr) {
        return directory_node(inode);
    }
    const FileKind* kind = find_kind(inode);
    if (kind == nullptr || !shown(kind->layout, names)) {
        return std::nullopt;
    }
    const std::uint64_t id = kind->id_of(inode);
    if (kind->of_buffers ? !has_buffer(id, names)
                         : kind->items != nullptr && find_item(kind->items, id, names) == nullptr) {
        return std::nullopt;
    }
    return file_node(*kind, id);
}

std::optional<TreeNode> lookup(std::uint64_t directory, std::string_view name, const TreeNames& names) {
    const Directory* row = find_directory(directory, names);
    if (row == nullptr) {
        return std::nullopt;  // nothing is in what is no directory
    }
    if (const auto id =
            row->inode == kBuffersInode ? number_of(name) : std::nullopt) {  // without making the list
        return has_buffer(*id, names) ? std::optional(file_node(kind_of_buffers(), *id)) : std::nullopt;
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
    std::vector<TreeEntry> entries{{".", directory_node(directory)},
                                   {"..", directory_node(parent_of(*row, names))}};
    for (TreeEntry& child : children(*row, directory, names)) {
        entries.push_back(std::move(child));
    }
    return entries;
}

std::optional<HeapId> shrinks(std::uint64_t inode) {
    const FileKind* kind = find_kind(inode);
    if (kind == nullptr || !kind->shrinks) {
        return std::nullopt;
    }
    return HeapId{static_cast<std::uint32_t>(kind->id_of(inode))};
}

Needs needs_of(std::uint64_t inode) {
    const FileKind* kind = find_kind(inode);
    return kind == nullptr ? Needs::kFigures : kind->needs;
}

BufferId buffer_of(std::uint64_t inode) {
    return BufferId{kind_of_buffers().id_of(inode)};
}

std::optional<std::string> render(std::uint64_t inode, const Snapshot& snapshot) {
    const FileKind* kind = find_kind(inode);
    if (kind == nullptr) {
        return std::nullopt;
    }
    return kind->render(snapshot, kind->id_of(inode));
}

}  // namespace ion
