// SPDX-License-Identifier: Apache-2.0
//
// What the commands that show usage files have in common.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "client/tools/report.h"
#include "client/tools/subcommand.h"
#include "client/tools/usage_mount.h"
#include "client/views/text.h"
#include "daemon/base/result.h"

struct ReadOptions {
    bool json = false;
    bool exact = false;

    [[nodiscard]] ion::views::Sizes sizes() const {
        return exact ? ion::views::Sizes::kExact : ion::views::Sizes::kRounded;
    }
};

/// Adds --json, and with `tables` --bytes.
void add_read_options(CLI::App& command, ReadOptions& options, bool tables = true);

/// Finds the mount, and prints what `make` makes of it.
int show(const CommonOptions& common, const std::function<ion::Result<std::string>(const UsageMount&)>& make);

/// Adds a command without arguments that prints what `make` makes of the mount.
Subcommand::Run add_show(CLI::App& app, const char* name, const char* help,
                         ion::Result<std::string> (*make)(const UsageMount&, const ReadOptions&));
