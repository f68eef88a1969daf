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

inline HeapFigures heap_figures(std::uint32_t id, std::string type_name, std::string name) {
    HeapFigures heap;
    heap.id = HeapId{id};
    heap.type_name = std::move(type_name);
    heap.name = std::move(name);
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
