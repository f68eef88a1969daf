// SPDX-License-Identifier: Apache-2.0
//
// ionctl upgrade: has a running iond go on as the program that is installed by now.

#include <poll.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "client/tools/control_client.h"
#include "client/tools/subcommand.h"

namespace {

using Clock = std::chrono::steady_clock;

/// For the new program to serve.
constexpr std::chrono::seconds kPatience{30};
constexpr int kPauseMs = 20;

/// Process id of the worker; nothing when none answers.
std::optional<int> worker_of(const CommonOptions& options) {
    const auto daemon = connect_to_daemon(options);
    const auto status = daemon ? ask_daemon(daemon->get(), ion::ControlCommand::kStatus)
                               : ion::Result<std::string>(daemon.error());
    if (!status) {
        return std::nullopt;
    }
    const auto document = nlohmann::json::parse(*status, nullptr, false);
    const auto pid = document.find("worker_pid");
    return pid != document.end() && pid->is_number_integer() ? std::optional(pid->get<int>()) : std::nullopt;
}

int upgrade(const CommonOptions& options) {
    const auto former = worker_of(options);
    if (const int status = print_answer(options, ion::ControlCommand::kUpgrade); status != kDone) {
        return status;
    }
    for (const auto deadline = Clock::now() + kPatience; Clock::now() < deadline;) {
        const auto worker = worker_of(options);
        if (worker && worker != former) {
            std::printf("worker %d serves\n", *worker);
            return kDone;
        }
        ::poll(nullptr, 0, kPauseMs);
    }
    std::fprintf(stderr, "ionctl: no other worker serves; see iond's log\n");
    return kFailed;
}

}  // namespace

Subcommand::Run add_upgrade(CLI::App& app) {
    app.add_subcommand(
        "upgrade", "Makes iond go on as the program that is installed by now; its clients notice nothing");
    return upgrade;
}
