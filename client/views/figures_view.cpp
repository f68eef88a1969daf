// SPDX-License-Identifier: Apache-2.0

#include "client/views/figures_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace ion::views {
namespace {

using usage::ClientFigures;
using usage::Figures;
using usage::HeapFigures;

/// A figure that only heaps with a region have.
std::string of_region(const HeapFigures& heap, std::uint64_t bytes, Sizes sizes) {
    return heap.size == 0 ? "-" : size_text(bytes, sizes);
}

std::string fragmentation_text(const HeapFigures& heap) {
    return heap.size == 0 ? "-" : fmt::format("{:.0f}%", fragmentation(heap.free(), heap.largest_free) * 100);
}

}  // namespace

Table heaps_table(const Figures& figures, Sizes sizes) {
    Table table({{"ID", kRight},
                 {"HEAP"},
                 {"TYPE"},
                 {"SIZE", kRight},
                 {"USED", kRight},
                 {"FREE", kRight},
                 {"LONGEST", kRight},
                 {"FRAG", kRight},
                 {"BUFFERS", kRight},
                 {"ORPHANED", kRight},
                 {"DEFERRED", kRight},
                 {"POOLED", kRight}});
    for (const HeapFigures& heap : figures.heaps) {
        table.add({std::to_string(heap.id), heap.name, heap.type, of_region(heap, heap.size, sizes),
                   size_text(heap.allocated, sizes), of_region(heap, heap.free(), sizes),
                   of_region(heap, heap.largest_free, sizes), fragmentation_text(heap),
                   std::to_string(heap.buffers), size_text(heap.orphaned, sizes),
                   size_text(heap.deferred, sizes), size_text(heap.pooled, sizes)});
    }
    return table;
}

Json heaps_json(const Figures& figures) {
    Json heaps = Json::array();
    for (const HeapFigures& heap : figures.heaps) {
        Json one{{"id", heap.id},
                 {"name", heap.name},
                 {"type", heap.type},
                 {"allocated_bytes", heap.allocated},
                 {"buffers", heap.buffers},
                 {"buffer_bytes", heap.buffer_bytes},
                 {"orphaned_bytes", heap.orphaned},
                 {"deferred_bytes", heap.deferred},
                 {"pooled_bytes", heap.pooled}};
        if (heap.size != 0) {
            one["region"] = {{"size_bytes", heap.size},
                             {"free_bytes", heap.free()},
                             {"largest_free_bytes", heap.largest_free}};
        }
        heaps.push_back(std::move(one));
    }
    return heaps;
}

Table clients_table(const Figures& figures, Sizes sizes) {
    Table table({{"CLIENT"}, {"PID", kRight}, {"COMMAND"}, {"TOTAL", kRight}, {"BY HEAP"}});
    for (const ClientFigures& client : figures.clients) {
        table.add({client.name, std::to_string(client.pid), client.comm, size_text(client.total(), sizes),
                   memory_of(figures, client, sizes)});
    }
    return table;
}

Json client_json(const Figures& figures, const ClientFigures& client) {
    const auto growth = figures.growing.find(client.name);
    return {{"name", client.name},
            {"pid", client.pid},
            {"comm", client.comm},
            {"total_bytes", client.total()},
            {"heap_bytes", Json(client.bytes)},
            {"growth_bytes", growth == figures.growing.end() ? Json(nullptr) : Json(growth->second)}};
}

Json clients_json(const Figures& figures) {
    Json clients = Json::array();
    for (const ClientFigures& client : figures.clients) {
        clients.push_back(client_json(figures, client));
    }
    return clients;
}

bool grows(const Figures& figures, const ClientFigures& client) {
    return figures.growing.contains(client.name);
}

std::string memory_of(const Figures& figures, const ClientFigures& client, Sizes sizes) {
    std::string text;
    for (const auto& [heap, bytes] : client.bytes) {
        text += (text.empty() ? "" : ", ") + heap + " " + size_text(bytes, sizes);
    }
    const auto growth = figures.growing.find(client.name);
    return growth == figures.growing.end()
               ? text
               : text + "  (" + size_text(growth->second, sizes) + " without a free)";
}

void sort_by_bytes(Figures& figures) {
    std::ranges::stable_sort(figures.clients, std::greater{}, &ClientFigures::total);
}

}  // namespace ion::views
