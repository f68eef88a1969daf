// SPDX-License-Identifier: Apache-2.0

#include "client/tools/read_command.h"

void add_read_options(CLI::App& command, ReadOptions& options, bool tables) {
    command.fallthrough();  // the options of ionctl itself may follow
    command.add_flag("--json", options.json, "One JSON document instead (docs/ionctl.md)");
    if (tables) {
        command.add_flag("--bytes", options.exact, "Sizes in bytes, not rounded");
    }
}

int show(const CommonOptions& common,
         const std::function<ion::Result<std::string>(const UsageMount&)>& make) {
    const auto mount = UsageMount::find(common);
    return mount ? print(make(*mount)) : report(mount.error());
}

Subcommand::Run add_show(CLI::App& app, const char* name, const char* help,
                         ion::Result<std::string> (*make)(const UsageMount&, const ReadOptions&)) {
    const auto options = std::make_shared<ReadOptions>();
    add_read_options(*app.add_subcommand(name, help), *options);
    return [options, make](const CommonOptions& common) {
        return show(common, [&](const UsageMount& mount) { return make(mount, *options); });
    };
}
