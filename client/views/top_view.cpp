// SPDX-License-Identifier: Apache-2.0

#include "client/views/top_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <ranges>

#include "client/views/figures_view.h"
#include "client/views/table.h"

namespace ion::views {
namespace {

using usage::ClientFigures;
using usage::Figures;
using usage::HeapFigures;

constexpr std::size_t kBar = 20;  ///< cells

/// "+4.0M", "-12.0K"; nothing without a change.
std::string change_text(std::uint64_t now, std::uint64_t before, Sizes sizes) {
    if (now == before) {
        return "";
    }
    return now > before ? "+" + size_text(now - before, sizes) : "-" + size_text(before - now, sizes);
}

/// The part of a region that is used: "[####......]".
std::string bar(const HeapFigures& heap) {
    if (heap.size == 0) {
        return "";
    }
    const double share = static_cast<double>(heap.size - heap.free()) / static_cast<double>(heap.size);
    const auto full = static_cast<std::size_t>(share * static_cast<double>(kBar) + 0.5);
    return "[" + std::string(full, '#') + std::string(kBar - full, '.') + "]";
}

std::uint64_t bytes_before(const Figures& before, const ClientFigures& client) {
    const auto found = std::ranges::find(before.clients, client.name, &ClientFigures::name);
    return found == before.clients.end() ? 0 : found->total();
}

std::string summary(const Figures& figures) {
    std::uint64_t buffers = 0;
    std::uint64_t bytes = 0;
    for (const HeapFigures& heap : figures.heaps) {
        buffers += heap.buffers;
        bytes += heap.buffer_bytes;
    }
    const auto counts = figures.refusals | std::views::values;
    const auto refused = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    return fmt::format("{} with {}, {}, {} refused", counted(buffers, "buffer"), size_text(bytes),
                       counted(figures.open_files, "open file"), refused);
}

std::vector<std::string> heap_lines(const Figures& now, const Figures& before, Sizes sizes) {
    Table table({{"HEAP"},
                 {"USED", kRight},
                 {"OF", kRight},
                 {""},
                 {"LONGEST", kRight},
                 {"BUFFERS", kRight},
                 {"ORPHANED", kRight},
                 {"CHANGE", kRight}});
    for (const HeapFigures& heap : now.heaps) {
        const auto found = std::ranges::find(before.heaps, heap.name, &HeapFigures::name);
        const std::uint64_t former = found == before.heaps.end() ? 0 : found->buffer_bytes;
        const bool has_region = heap.size != 0;
        table.add({heap.name, size_text(has_region ? heap.allocated : heap.buffer_bytes, sizes),
                   has_region ? size_text(heap.size, sizes) : "", bar(heap),
                   has_region ? size_text(heap.largest_free, sizes) : "", std::to_string(heap.buffers),
                   size_text(heap.orphaned, sizes), change_text(heap.buffer_bytes, former, sizes)});
    }
    return table.lines();
}

/// True when `a` is to be above `b`, by the order's own direction.
bool above(const ClientFigures& a, const ClientFigures& b, TopOrder order, const Figures& before) {
    switch (order) {
        case TopOrder::kPid:
            return a.pid < b.pid;
        case TopOrder::kCommand:
            return a.comm < b.comm;
        case TopOrder::kChange: {
            const auto change = [&](const ClientFigures& one) {
                return static_cast<std::int64_t>(one.total() - bytes_before(before, one));
            };
            return change(a) > change(b);
        }
        case TopOrder::kBytes:
            break;
    }
    return a.total() > b.total();
}

void sort_clients(Figures& figures, const Figures& before, const TopOptions& options) {
    std::ranges::stable_sort(figures.clients, [&](const ClientFigures& a, const ClientFigures& b) {
        return options.reverse ? above(b, a, options.order, before) : above(a, b, options.order, before);
    });
}

}  // namespace

TopLines top_lines(const Figures& now, const Figures& before, const TopOptions& options) {
    TopLines lines;
    lines.head.push_back({"ION: " + summary(now)});
    lines.head.push_back({""});
    for (const std::string& line : heap_lines(now, before, options.sizes)) {
        lines.head.push_back({line, lines.head.size() == 2 ? LineKind::kTitle : LineKind::kPlain});
    }
    lines.head.push_back({""});

    Figures sorted = now;
    sort_clients(sorted, before, options);
    Table table(
        {{"CLIENT"}, {"PID", kRight}, {"COMMAND"}, {"BYTES", kRight}, {"CHANGE", kRight}, {"BY HEAP"}});
    for (const ClientFigures& client : sorted.clients) {
        table.add({client.name, std::to_string(client.pid), client.comm,
                   size_text(client.total(), options.sizes),
                   change_text(client.total(), bytes_before(before, client), options.sizes),
                   memory_of(now, client, options.sizes)});
    }
    const auto rows = table.lines();
    lines.head.push_back({rows.front(), LineKind::kTitle});
    for (std::size_t i = 0; i < sorted.clients.size(); ++i) {
        lines.clients.push_back(
            {rows[i + 1], grows(now, sorted.clients[i]) ? LineKind::kAlarm : LineKind::kPlain});
    }
    return lines;
}

Json top_json(Figures now, const TopOptions& options) {
    sort_clients(now, now, options);
    Json document = json_document("top");
    document["open_files"] = now.open_files;
    document["heaps"] = heaps_json(now);
    document["clients"] = clients_json(now);
    return document;
}

const char* name_of(TopOrder order) {
    switch (order) {
        case TopOrder::kBytes:
            return "bytes";
        case TopOrder::kChange:
            return "change";
        case TopOrder::kPid:
            return "pid";
        case TopOrder::kCommand:
            break;
    }
    return "command";
}

}  // namespace ion::views
