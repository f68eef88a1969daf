// SPDX-License-Identifier: Apache-2.0
//
// ionctl heap: what there is to do with heaps; its own subcommands are rows of a table.

#include <array>
#include <memory>

#include "client/tools/heap_commands.h"

namespace {

struct Row {
    Subcommand::Run (*add)(CLI::App& app);
    const char* name;
};

constexpr std::array kCommands{
    Row{add_heap_add, "add"},     Row{add_heap_remove, "remove"},   Row{add_heap_reload, "reload"},
    Row{add_heap_check, "check"}, Row{add_heap_compare, "compare"},
};

}  // namespace

Subcommand::Run add_heap(CLI::App& app) {
    CLI::App* heap = app.add_subcommand(
        "heap", "Changes the heaps that iond serves; checks and compares heap types without it");
    heap->require_subcommand(1);
    std::array<Subcommand::Run, kCommands.size()> runs;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i] = kCommands[i].add(*heap);
    }
    return [heap, runs](const CommonOptions& options) {
        for (std::size_t i = 0; i < runs.size(); ++i) {
            if (heap->got_subcommand(kCommands[i].name)) {
                return runs[i](options);
            }
        }
        return kWrongUse;
    };
}
