// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/render_heap.h"

#include <cstdint>
#include <string_view>

#include "daemon/usage/format.h"
#include "daemon/usage/snapshot_index.h"

namespace ion {
namespace {

constexpr std::string_view kSeparator = "----------------------------------------------------\n";
static_assert(kSeparator.size() == 52 + 1);

/// The kernel's count of an orphan's references: the descriptors or mappings that keep it are one file.
constexpr std::string_view kOrphanReferences = "1";

std::string pid_text(std::int32_t pid) {
    return std::to_string(static_cast<std::uint32_t>(pid));
}  // %u

std::string client_rows(const Snapshot& snapshot, HeapId heap) {
    std::string text;
    for (const ClientUsage& client : snapshot.clients) {
        const auto bytes = bytes_by_heap(snapshot, client);
        const auto here = bytes.find(heap);
        if (here != bytes.end()) {
            text += row({process_word(client.comm), pid_text(client.pid), std::to_string(here->second)});
        }
    }
    return text;
}

std::string orphan_row(const BufferUsage& buffer) {
    std::string text =
        row({process_word(buffer.last_comm), pid_text(buffer.last_pid), std::to_string(buffer.size)});
    text.pop_back();  // two more figures on this line, without columns
    text += " " + std::to_string(buffer.kernel_maps) + " ";
    text += kOrphanReferences;
    text += '\n';
    return text;
}

}  // namespace

std::string render_heap(const Snapshot& snapshot, const HeapFigures& heap) {
    std::string orphans;
    std::uint64_t orphaned_bytes = 0;
    std::uint64_t total_bytes = 0;
    for (const BufferUsage& buffer : snapshot.buffers) {
        if (buffer.heap != heap.id) {
            continue;
        }
        total_bytes += buffer.size;
        if (buffer.holders == 0) {
            orphaned_bytes += buffer.size;
            orphans += orphan_row(buffer);
        }
    }
    std::string text = row({"client", "pid", "size"});
    text += kSeparator;
    text += client_rows(snapshot, heap.id);
    text += kSeparator;
    text += "orphaned allocations (info is from last known client):\n";
    text += orphans;
    text += kSeparator;
    text += row({"total orphaned", std::to_string(orphaned_bytes)});
    text += row({"total ", std::to_string(total_bytes)});  // the blank is the kernel's
    if (heap.defers_free) {
        text += row({"deferred free", std::to_string(heap.usage.deferred)});
    }
    text += kSeparator;
    text += heap.debug_b;
    return text;
}

}  // namespace ion
