// SPDX-License-Identifier: Apache-2.0

#include "client/tools/subcommand.h"

#include <utility>

Subcommand::Run add_group(CLI::App& app, const char* name, const char* help,
                          std::vector<Subcommand> commands) {
    CLI::App* group = app.add_subcommand(name, help);
    group->require_subcommand(1);
    std::vector<Subcommand::Run> runs;
    for (const Subcommand& command : commands) {
        runs.push_back(command.add(*group));
    }
    return [group, commands = std::move(commands), runs = std::move(runs)](const CommonOptions& options) {
        for (std::size_t i = 0; i < runs.size(); ++i) {
            if (group->got_subcommand(commands[i].name)) {
                return runs[i](options);
            }
        }
        return kWrongUse;
    };
}
