// SPDX-License-Identifier: Apache-2.0
//
// The subcommands of `ionctl heap`, each in a file of its own.

#pragma once

#include "client/tools/subcommand.h"

Subcommand::Run add_heap_add(CLI::App& app);
Subcommand::Run add_heap_check(CLI::App& app);
Subcommand::Run add_heap_compare(CLI::App& app);
Subcommand::Run add_heap_reload(CLI::App& app);
Subcommand::Run add_heap_remove(CLI::App& app);
