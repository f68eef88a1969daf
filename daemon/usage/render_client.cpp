// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/render_client.h"

#include "daemon/usage/format.h"
#include "daemon/usage/snapshot_index.h"

namespace ion {

std::string render_client(const Snapshot& snapshot, const ClientUsage& client) {
    std::string text = cut_column("heap_name") + ": " + cut_column("size_in_bytes") + "\n";
    for (const auto& [id, bytes] : bytes_by_heap(snapshot, client)) {
        const HeapFigures* heap = find_heap(snapshot, id);
        const std::string name = heap == nullptr ? "?" : heap->name;
        text += cut_column(name) + ": " + column(std::to_string(bytes)) + "\n";
    }
    return text;
}

}  // namespace ion
