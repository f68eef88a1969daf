// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/render_metrics.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "daemon/usage/errno_name.h"
#include "daemon/usage/format.h"
#include "daemon/usage/snapshot_index.h"

namespace ion {
namespace {

/// The head of a metric family. The unit is the last word of the name, as the format demands, or none.
std::string family(std::string_view name, std::string_view type, std::string_view unit,
                   std::string_view help) {
    std::string text = fmt::format("# TYPE {} {}\n", name, type);
    if (!unit.empty()) {
        text += fmt::format("# UNIT {} {}\n", name, unit);
    }
    return text + fmt::format("# HELP {} {}\n", name, help);
}

/// Heap names have no character that would need escaping (the configuration sees to it).
std::string heap_labels(const HeapFigures& heap) {
    return fmt::format("heap=\"{}\",id=\"{}\",type=\"{}\"", heap.name, heap.id.value, heap.type_name);
}

struct BufferTotals {
    std::uint64_t buffers = 0;
    std::uint64_t bytes = 0;
    std::uint64_t orphaned_bytes = 0;
};

std::map<HeapId, BufferTotals> totals_by_heap(const Snapshot& snapshot) {
    std::map<HeapId, BufferTotals> totals;
    for (const BufferUsage& buffer : snapshot.buffers) {
        BufferTotals& heap = totals[buffer.heap];
        ++heap.buffers;
        heap.bytes += buffer.size;
        heap.orphaned_bytes += buffer.holders == 0 ? buffer.size : 0;
    }
    return totals;
}

/// One gauge with a sample for each heap.
template <typename Figure>
std::string heap_gauge(const Snapshot& snapshot, std::string_view name, std::string_view unit,
                       std::string_view help, const Figure& figure) {
    std::string text = family(name, "gauge", unit, help);
    for (const HeapFigures& heap : snapshot.heaps) {
        text += fmt::format("{}{{{}}} {}\n", name, heap_labels(heap), figure(heap));
    }
    return text;
}

std::string heap_metrics(const Snapshot& snapshot) {
    auto totals = totals_by_heap(snapshot);
    std::string text;
    text += heap_gauge(snapshot, "ion_heap_size_bytes", "bytes", "Size of the heap's region, 0 without one.",
                       [](const HeapFigures& heap) { return heap.usage.total; });
    text += heap_gauge(snapshot, "ion_heap_allocated_bytes", "bytes", "Given out, as the heap counts it.",
                       [](const HeapFigures& heap) { return heap.usage.allocated; });
    text += heap_gauge(snapshot, "ion_heap_largest_free_bytes", "bytes", "Longest free run of the region.",
                       [](const HeapFigures& heap) { return heap.usage.largest_free; });
    text += heap_gauge(snapshot, "ion_heap_deferred_bytes", "bytes", "Given back and not yet zeroed.",
                       [](const HeapFigures& heap) { return heap.usage.deferred; });
    text += heap_gauge(snapshot, "ion_heap_pooled_bytes", "bytes", "Zeroed and kept for the next allocation.",
                       [](const HeapFigures& heap) { return heap.usage.pooled; });
    text += heap_gauge(snapshot, "ion_heap_buffers", "", "Buffers of the heap.",
                       [&](const HeapFigures& heap) { return totals[heap.id].buffers; });
    text += heap_gauge(snapshot, "ion_heap_buffer_bytes", "bytes", "Size of the heap's buffers.",
                       [&](const HeapFigures& heap) { return totals[heap.id].bytes; });
    text +=
        heap_gauge(snapshot, "ion_heap_orphaned_bytes", "bytes", "Buffers that no client has a handle for.",
                   [&](const HeapFigures& heap) { return totals[heap.id].orphaned_bytes; });
    return text;
}

std::string client_metrics(const Snapshot& snapshot) {
    std::string text = family("ion_clients", "gauge", "", "Open files of the device.");
    text += fmt::format("ion_clients {}\n", snapshot.clients.size());
    text += family("ion_client_bytes", "gauge", "bytes", "Buffers that a client has, by heap.");
    for (const ClientUsage& client : snapshot.clients) {
        for (const auto& [id, bytes] : bytes_by_heap(snapshot, client)) {
            const HeapFigures* heap = find_heap(snapshot, id);
            text += fmt::format("ion_client_bytes{{client=\"{}\",pid=\"{}\",comm=\"{}\",heap=\"{}\"}} {}\n",
                                label_value(display_name(client)), client.pid, label_value(client.comm),
                                heap == nullptr ? "?" : heap->name, bytes);
        }
    }
    return text;
}

std::string growth_metrics(const Snapshot& snapshot) {
    std::string text = family("ion_client_growth_bytes", "gauge", "bytes",
                              "What a client got since it last freed a buffer, for those above the limit.");
    for (const ClientGrowth& one : snapshot.growing) {
        text += fmt::format("ion_client_growth_bytes{{client=\"{}\",pid=\"{}\",comm=\"{}\"}} {}\n",
                            label_value(one.name), one.pid, label_value(one.comm), one.bytes);
    }
    return text;
}

std::string refusal_metrics(const Snapshot& snapshot) {
    std::string text = family("ion_refusals", "counter", "", "Allocations refused since the worker began.");
    for (const auto& [error, count] : snapshot.refusal_totals) {
        text += fmt::format("ion_refusals_total{{errno=\"{}\"}} {}\n", errno_name(error), count);
    }
    return text;
}

std::string fault_metrics(const Snapshot& snapshot) {
    const auto counter = [&](std::string_view name, std::string_view help,
                             std::uint64_t FaultCount::*figure) {
        std::string text = family(name, "counter", "", help);
        for (const auto& [rule, count] : snapshot.faults) {
            text += fmt::format("{}_total{{fault=\"{}\"}} {}\n", name, rule.name, count.*figure);
        }
        return text;
    };
    return counter("ion_fault_calls", "Calls that a fault rule is about.", &FaultCount::calls) +
           counter("ion_fault_hits", "Calls that it made fail or wait.", &FaultCount::hits);
}

}  // namespace

std::string render_metrics(const Snapshot& snapshot) {
    return heap_metrics(snapshot) + client_metrics(snapshot) + growth_metrics(snapshot) +
           refusal_metrics(snapshot) + fault_metrics(snapshot) + "# EOF\n";
}

}  // namespace ion
