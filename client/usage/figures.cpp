// SPDX-License-Identifier: Apache-2.0

#include "client/usage/figures.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <ranges>

#include "client/usage/fields.h"
#include "client/usage/open_metrics.h"

namespace ion::usage {
namespace {

struct HeapFamily {
    std::string_view name;
    std::uint64_t HeapFigures::*figure;
};

constexpr std::array kHeapFamilies{
    HeapFamily{"ion_heap_size_bytes", &HeapFigures::size},
    HeapFamily{"ion_heap_allocated_bytes", &HeapFigures::allocated},
    HeapFamily{"ion_heap_largest_free_bytes", &HeapFigures::largest_free},
    HeapFamily{"ion_heap_deferred_bytes", &HeapFigures::deferred},
    HeapFamily{"ion_heap_pooled_bytes", &HeapFigures::pooled},
    HeapFamily{"ion_heap_buffers", &HeapFigures::buffers},
    HeapFamily{"ion_heap_buffer_bytes", &HeapFigures::buffer_bytes},
    HeapFamily{"ion_heap_orphaned_bytes", &HeapFigures::orphaned},
};

HeapFigures& heap_of(Figures& figures, const Sample& sample) {
    const std::string name = sample.label("heap");
    const auto found = std::ranges::find(figures.heaps, name, &HeapFigures::name);
    if (found != figures.heaps.end()) {
        return *found;
    }
    HeapFigures heap;
    heap.id = number<std::uint32_t>(sample.label("id")).value_or(0);
    heap.name = name;
    heap.type = sample.label("type");
    return figures.heaps.emplace_back(std::move(heap));
}

/// The samples of a client follow each other.
ClientFigures& client_of(Figures& figures, const Sample& sample) {
    const std::string name = sample.label("client");
    if (figures.clients.empty() || figures.clients.back().name != name) {
        figures.clients.push_back({.name = name,
                                   .pid = number<std::int32_t>(sample.label("pid")).value_or(0),
                                   .comm = sample.label("comm"),
                                   .bytes = {}});
    }
    return figures.clients.back();
}

void take(Figures& figures, const Sample& sample, std::uint64_t value) {
    const auto* family = std::ranges::find(kHeapFamilies, sample.name, &HeapFamily::name);
    if (family != kHeapFamilies.end()) {
        heap_of(figures, sample).*family->figure = value;
    } else if (sample.name == "ion_client_bytes") {
        client_of(figures, sample).bytes[sample.label("heap")] = value;
    } else if (sample.name == "ion_client_growth_bytes") {
        figures.growing[sample.label("client")] = value;
    } else if (sample.name == "ion_clients") {
        figures.open_files = value;
    } else if (sample.name == "ion_refusals_total") {
        figures.refusals[sample.label("errno")] = value;
    }
}

}  // namespace

std::uint64_t ClientFigures::total() const {
    const auto values = bytes | std::views::values;
    return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

Result<Figures> parse_figures(std::string_view metrics) {
    const auto samples = parse_metrics(metrics);
    if (!samples) {
        return samples.error();
    }
    Figures figures;
    for (const Sample& sample : *samples) {
        if (const auto value = number(sample.value)) {
            take(figures, sample, *value);
        }
    }
    return figures;
}

}  // namespace ion::usage
