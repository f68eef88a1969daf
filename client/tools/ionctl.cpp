// SPDX-License-Identifier: Apache-2.0
//
// ionctl: what there is to do with ION beside the daemon. Its subcommands are rows of a table.

#include <array>

#include "client/tools/subcommand.h"

namespace {

constexpr std::array kSubcommands{
    Subcommand{add_heaps, "heaps"},
    Subcommand{add_clients, "clients"},
    Subcommand{add_buffers, "buffers"},
    Subcommand{add_holders, "holders"},
    Subcommand{add_leaks, "leaks"},
    Subcommand{add_map, "map"},
    Subcommand{add_explain, "explain"},
    Subcommand{add_top, "top"},
    Subcommand{add_doctor, "doctor"},
    Subcommand{add_status, "status"},
    Subcommand{add_heap, "heap"},
    Subcommand{add_fault, "fault"},
    Subcommand{add_record, "record"},
    Subcommand{add_upgrade, "upgrade"},
    Subcommand{add_run, "run", kRunWrongUse},
    Subcommand{add_complete, "complete"},
};

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory ends the program, as it may
int main(int argc, char** argv) {
    CLI::App app{
        "Shows who holds what of a running iond, changes its heaps, tries heaps and runs programs without "
        "one."};
    CommonOptions options;
    app.add_option("--runtime-dir", options.runtime_dir, "The daemon's runtime directory (default /run/ion)")
        ->envname("ION_RUNTIME_DIR")
        ->type_name("DIR");
    app.add_option("--usage-mount", options.usage_mount, "Its usage files (default: debug in that directory)")
        ->envname("ION_USAGE_MOUNT")
        ->type_name("DIR");
    app.set_version_flag("--version", "ionctl " ION_VERSION);
    app.require_subcommand(1);
    std::array<Subcommand::Run, kSubcommands.size()> runs;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i] = kSubcommands[i].add(app);
    }
    const auto chosen = [&](std::size_t i) { return app.got_subcommand(kSubcommands[i].name); };
    int wrong_use = kWrongUse;
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        for (std::size_t i = 0; i < runs.size(); ++i) {
            wrong_use = chosen(i) ? kSubcommands[i].wrong_use : wrong_use;
        }
        return app.exit(problem) == 0 ? kDone : wrong_use;
    }
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (chosen(i)) {
            return runs[i](options);
        }
    }
    return kWrongUse;
}
