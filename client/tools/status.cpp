// SPDX-License-Identifier: Apache-2.0
//
// ionctl status: asks a running iond over its control socket.

#include "client/tools/control_client.h"
#include "client/tools/subcommand.h"

namespace {

int status(const CommonOptions& options) {
    return print_answer(options, ion::ControlCommand::kStatus);
}

}  // namespace

Subcommand::Run add_status(CLI::App& app) {
    CLI::App* command = app.add_subcommand("status", "What is served, by whom, and totals, as JSON");
    command->fallthrough();
    command->add_flag("--json")->description(
        "As the other commands have it; there is no other form of this one");
    return status;
}
