// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/render_counters.h"

#include <algorithm>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

constexpr std::uint64_t kKib = 1024;  // bytes

std::string line(std::uint64_t number) {
    return std::to_string(number) + "\n";
}

std::uint64_t bytes_of(const HeapFigures& heap) {
    return heap.buffer_bytes + heap.usage.deferred;
}

}  // namespace

std::string render_buffer_count(const HeapFigures& heap) {
    return line(heap.buffer_count);
}

std::string render_buffer_bytes(const HeapFigures& heap) {
    return line(bytes_of(heap));
}

std::string render_peak_bytes(const HeapFigures& heap) {
    return line(std::max(heap.peak_bytes, bytes_of(heap)));
}

std::string render_shrinkable_pages(const HeapFigures& heap) {
    return line((heap.usage.pooled + heap.usage.deferred) / kPageSize);
}

std::string render_total_heaps_kb(const Snapshot& snapshot) {
    std::uint64_t bytes = 0;
    for (const HeapFigures& heap : snapshot.heaps) {
        bytes += bytes_of(heap);
    }
    return line(bytes / kKib);
}

std::string render_total_pools_kb(const Snapshot& snapshot) {
    std::uint64_t bytes = 0;
    for (const HeapFigures& heap : snapshot.heaps) {
        bytes += heap.usage.pooled;
    }
    return line(bytes / kKib);
}

}  // namespace ion
