// SPDX-License-Identifier: Apache-2.0
//
// What can follow on ionctl's command line, told by its own options and subcommands, so that it cannot fall behind.

#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

/// The values that a positional argument of a subcommand can have, when they are known: "map", "HEAP".
using ArgumentValues =
    std::function<std::vector<std::string>(const std::string& command, const std::string& name)>;

/// Candidates for the last of `words`, sorted; the words before it are complete. bash makes three words of
/// "--option=value". Empty where files may follow, and where nothing can.
[[nodiscard]] std::vector<std::string> complete(const CLI::App& app, const std::vector<std::string>& words,
                                                const ArgumentValues& values);
