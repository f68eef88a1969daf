// SPDX-License-Identifier: Apache-2.0
//
// ionctl heap compare: one trace against several heaps; docs/traces.md.

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/tools/heap_choice.h"
#include "client/tools/heap_commands.h"
#include "daemon/base/quantity.h"
#include "heaps/check/subject.h"
#include "heaps/trace/address_map.h"
#include "heaps/trace/replay.h"

namespace {

struct CompareOptions {
    std::string trace;
    std::vector<std::string> heaps;
    std::string region = "64M";
    std::string only_heap;
    std::string svg;
    bool json = false;
};

struct Column {
    HeapChoice choice;
    ion::Replayed replayed;
};

std::uint64_t now_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                      std::chrono::nanoseconds(1));
}

/// The trace, reduced to the events of one of its heaps if that is asked for.
ion::Result<ion::Trace> read(const CompareOptions& options) {
    std::ifstream file(options.trace == "-" ? "/dev/stdin" : options.trace);
    if (!file) {
        return ion::fail_errno(errno, options.trace);
    }
    auto trace = ion::read_trace(file, options.trace);
    if (!trace || options.only_heap.empty()) {
        return trace;
    }
    // Frees do not say the heap; those of buffers that are left out find nothing to free.
    std::erase_if(trace->events, [&](const ion::TraceEvent& event) {
        return event.op == ion::TraceOp::kAlloc && event.heap != options.only_heap;
    });
    return trace;
}

ion::Result<Column> measure(const std::string& heap, const ion::Trace& trace, ion::PlacedRange region) {
    auto choice = choose_heap(heap);
    if (!choice) {
        return choice.error();
    }
    const ion::check::Subject subject{.type = choice->type, .options = choice->options, .region = region};
    auto made = subject.make();
    if (!made) {
        return ion::fail(made.error().code, heap + ": " + made.error().context);
    }
    return Column{*std::move(choice), ion::replay(trace, **made, now_ns)};
}

void print_table(const std::vector<Column>& columns) {
    fmt::print("{:<32} {:>9} {:>9} {:>8} {:>8} {:>8} {:>17} {:>17}\n", "heap", "peak KiB", "asked KiB",
               "refused", "frag max", "frag avg", "alloc ns med/p99", "free ns med/p99");
    for (const auto& [choice, replayed] : columns) {
        const ion::ReplayFigures& f = replayed.figures;
        fmt::print("{:<32} {:>9} {:>9} {:>8} {:>8.3f} {:>8.3f} {:>17} {:>17}\n", choice.text, f.peak / 1024,
                   f.peak_asked / 1024, f.failures, f.worst_fragmentation, f.mean_fragmentation,
                   fmt::format("{}/{}", f.allocate.median, f.allocate.p99),
                   fmt::format("{}/{}", f.free.median, f.free.p99));
    }
}

void print_json(const std::vector<Column>& columns, const ion::Trace& trace, std::uint64_t region) {
    nlohmann::json heaps = nlohmann::json::array();
    for (const auto& [choice, replayed] : columns) {
        const ion::ReplayFigures& f = replayed.figures;
        heaps.push_back({{"heap", choice.text},
                         {"type", std::string(choice.type.name)},
                         {"allocations", f.allocations},
                         {"failures", f.failures},
                         {"peak_bytes", f.peak},
                         {"peak_asked_bytes", f.peak_asked},
                         {"worst_fragmentation", f.worst_fragmentation},
                         {"mean_fragmentation", f.mean_fragmentation},
                         {"allocate_ns", {{"median", f.allocate.median}, {"p99", f.allocate.p99}}},
                         {"free_ns", {{"median", f.free.median}, {"p99", f.free.p99}}}});
    }
    const nlohmann::json document{{"schema", 1},
                                  {"events", trace.events.size()},
                                  {"lost", trace.lost},
                                  {"region_bytes", region},
                                  {"heaps", heaps}};
    fmt::print("{}\n", document.dump(2));
}

ion::Result<void> write_svg(const std::string& path, const std::vector<Column>& columns,
                            ion::PlacedRange region) {
    std::vector<ion::AddressPanel> panels;
    for (const auto& [choice, replayed] : columns) {
        panels.push_back({.title = choice.text, .region = region, .replayed = &replayed});
    }
    std::ofstream file(path);
    file << ion::address_map_svg(panels);
    file.close();
    return file ? ion::Result<void>() : ion::fail_errno(errno, path);
}

int refuse(const ion::Error& error, int status) {
    std::fprintf(stderr, "ionctl: %s\n", error.context.c_str());
    return status;
}

int compare(const CompareOptions& options) {
    const auto size = ion::parse_quantity(options.region);
    if (!size || *size == 0 || *size % 4096 != 0) {
        return refuse(ion::fail(EINVAL, "--region is a size of whole pages, such as 64M"), kWrongUse);
    }
    const ion::PlacedRange region{.base = 0x10000000, .size = *size};
    const auto trace = read(options);
    if (!trace) {
        return refuse(trace.error(), kFailed);
    }
    std::vector<Column> columns;
    for (const std::string& heap : options.heaps) {
        auto column = measure(heap, *trace, region);
        if (!column) {
            return refuse(column.error(), kWrongUse);
        }
        columns.push_back(*std::move(column));
    }
    options.json ? print_json(columns, *trace, region.size) : print_table(columns);
    if (trace->lost != 0) {
        std::fprintf(stderr, "ionctl: %s lacks %ju events that the recorder lost\n", options.trace.c_str(),
                     static_cast<std::uintmax_t>(trace->lost));
    }
    if (!options.svg.empty()) {
        if (auto written = write_svg(options.svg, columns, region); !written) {
            return refuse(written.error(), kFailed);
        }
    }
    return kDone;
}

}  // namespace

Subcommand::Run add_heap_compare(CLI::App& app) {
    const auto options = std::make_shared<CompareOptions>();
    CLI::App* command = app.add_subcommand("compare", "Replays a trace against several heaps");
    command->add_option("--trace", options->trace, "The trace (- is stdin)")->required()->type_name("FILE");
    command->add_option("HEAP", options->heaps, "TYPE or PLUGIN.so, and :KEY=VALUE,... for its options")
        ->required()
        ->type_name("...");
    command->add_option("--region", options->region, "Size of each heap's region (default 64M)")
        ->type_name("SIZE");
    command
        ->add_option("--only-heap", options->only_heap, "Only what was allocated from this heap of the trace")
        ->type_name("NAME");
    command->add_option("--svg", options->svg, "Write a picture of the address spaces over time")
        ->type_name("OUT");
    command->add_flag("--json", options->json, "Figures as JSON");
    return [options](const CommonOptions&) { return compare(*options); };
}
