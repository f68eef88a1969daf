// SPDX-License-Identifier: Apache-2.0
//
// Subcommand: one command of ionctl. Each has a file of its own, and a row of the table in ionctl.cpp.

#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

/// Exit statuses of ionctl; a subcommand may have more.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUse = 2;
inline constexpr int kNotReachable = 3;   ///< no daemon answers
inline constexpr int kRefused = 4;        ///< by permissions, or by iond
inline constexpr int kNotFound = 5;       ///< no such heap, buffer or refusal
inline constexpr int kRunWrongUse = 125;  ///< of `run`: 1 to 124 are the program's

/// What is told on the command line before the subcommand.
struct CommonOptions {
    std::string runtime_dir = "/run/ion";
    std::string usage_mount;  ///< empty: `debug` in the runtime directory
};

struct Subcommand {
    /// Adds the command and its options to ionctl's. What it returns runs after parsing; its result is the exit status.
    using Run = std::function<int(const CommonOptions&)>;
    Run (*add)(CLI::App& app);
    const char* name;
    int wrong_use = kWrongUse;  ///< exit status for a mistake on its command line
};

/// Adds a command whose own subcommands do something.
Subcommand::Run add_group(CLI::App& app, const char* name, const char* help,
                          std::vector<Subcommand> commands);

Subcommand::Run add_buffers(CLI::App& app);
Subcommand::Run add_clients(CLI::App& app);
Subcommand::Run add_complete(CLI::App& app);
Subcommand::Run add_doctor(CLI::App& app);
Subcommand::Run add_explain(CLI::App& app);
Subcommand::Run add_fault(CLI::App& app);
Subcommand::Run add_heap(CLI::App& app);
Subcommand::Run add_heaps(CLI::App& app);
Subcommand::Run add_holders(CLI::App& app);
Subcommand::Run add_leaks(CLI::App& app);
Subcommand::Run add_map(CLI::App& app);
Subcommand::Run add_record(CLI::App& app);
Subcommand::Run add_run(CLI::App& app);
Subcommand::Run add_status(CLI::App& app);
Subcommand::Run add_top(CLI::App& app);
Subcommand::Run add_upgrade(CLI::App& app);
