// SPDX-License-Identifier: Apache-2.0
//
// Small snapshots in few words, for the tests of usage texts.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/snapshot.h"

namespace ion {

/// The lines of an empty system heap.
inline std::string empty_pools() {
    std::string text;
    for (const char* caching : {"uncached", "cached"}) {
        for (const char* pages : {"order 8", "order 4", "order 0"}) {
            for (const char* zone : {"highmem", "lowmem"}) {
                text += std::string("0 ") + pages + " " + zone + " pages " + caching + " 0 total\n";
            }
        }
    }
    return text;
}

inline HeapFigures heap_figures(std::uint32_t id, std::string type_name, std::string name) {
    HeapFigures heap;
    heap.id = HeapId{id};
    heap.type_name = std::move(type_name);
    heap.name = std::move(name);
    heap.debug_b = heap.type_name == "system" ? empty_pools() : "";
    return heap;
}

inline BufferUsage buffer_usage(std::uint64_t id, std::uint32_t heap, std::uint64_t size,
                                std::uint32_t holders) {
    BufferUsage buffer;
    buffer.id = BufferId{id};
    buffer.heap = HeapId{heap};
    buffer.size = size;
    buffer.holders = holders;
    return buffer;
}

inline BufferUsage orphan_usage(std::uint64_t id, std::uint32_t heap, std::uint64_t size, std::string comm,
                                std::int32_t pid, std::uint32_t kernel_maps = 0) {
    BufferUsage buffer = buffer_usage(id, heap, size, 0);
    buffer.last_comm = std::move(comm);
    buffer.last_pid = pid;
    buffer.kernel_maps = kernel_maps;
    return buffer;
}

/// A client with one handle for each of `buffers`, numbered from 1.
inline ClientUsage client_usage(std::uint64_t id, std::string comm, std::int32_t pid,
                                const std::vector<std::uint64_t>& buffers) {
    ClientUsage client;
    client.id = ClientId{id};
    client.name = std::to_string(pid);
    client.pid = pid;
    client.comm = std::move(comm);
    for (const std::uint64_t buffer : buffers) {
        client.handles.push_back(
            {HandleId{static_cast<std::uint32_t>(client.handles.size() + 1)}, 1, BufferId{buffer}});
    }
    return client;
}

}  // namespace ion
