// SPDX-License-Identifier: Apache-2.0
//
// ionctl status: asks a running iond over its control socket.

#include <cstdio>

#include "client/tools/control_client.h"
#include "client/tools/subcommand.h"

namespace {

int status(const CommonOptions& options) {
    auto socket = connect_to_daemon(options);
    if (!socket) {
        std::fprintf(stderr, "ionctl: %s\n", socket.error().context.c_str());
        return kNotReachable;
    }
    const auto text = ask_daemon(socket->get(), ion::ControlCommand::kStatus);
    if (!text) {
        std::fprintf(stderr, "ionctl: %s\n", text.error().context.c_str());
        return kFailed;
    }
    std::fputs(text->c_str(), stdout);
    return kDone;
}

}  // namespace

Subcommand::Run add_status(CLI::App& app) {
    app.add_subcommand("status", "What is served, by whom, and totals, as JSON");
    return status;
}
