// SPDX-License-Identifier: Apache-2.0
//
// ionctl doctor: what iond needs of this machine, what there is, and how to get the rest.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "client/tools/control_client.h"
#include "client/tools/doctor_checks.h"
#include "client/tools/read_command.h"

namespace {

using ion::views::Finding;
using ion::views::Health;

struct DoctorOptions : ReadOptions {
    std::string root;
    std::string device;
};

/// The number of the worker; why it is not known otherwise.
ion::Result<pid_t> ask_worker(const CommonOptions& common) {
    auto socket = connect_to_daemon(common);
    if (!socket) {
        return socket.error();
    }
    const auto answer = ask_daemon(socket->get(), ion::ControlCommand::kStatus);
    if (!answer) {
        return answer.error();
    }
    const auto document = nlohmann::json::parse(*answer, nullptr, false);
    const auto pid = document.is_object() ? document.value("worker_pid", 0) : 0;
    return pid != 0 ? ion::Result<pid_t>(pid) : ion::fail(EPROTO, "its status names no worker");
}

/// With a runtime directory of its own a daemon touches nothing else.
DaemonPlace place_of(const CommonOptions& common, const DoctorOptions& options) {
    DaemonPlace place;
    const bool is_default = common.runtime_dir == CommonOptions().runtime_dir;
    place.device = !options.device.empty() ? options.device
                   : is_default            ? place.device
                                           : common.runtime_dir + "/dev/ion";
    place.usage_mount = common.usage_mount.empty() ? common.runtime_dir + "/debug" : common.usage_mount;
    if (!options.root.empty()) {
        place.unreachable = "another machine's files are looked at";
        return place;
    }
    const auto worker = ask_worker(common);
    place.worker = worker ? *worker : 0;
    place.unreachable = worker ? "" : worker.error().context;
    return place;
}

int doctor(const CommonOptions& common, const DoctorOptions& options) {
    const Machine machine(options.root, Machine::User::present());
    const auto findings = examine(machine, place_of(common, options));
    std::string text = ion::views::doctor_text(findings);
    if (options.json) {
        ion::views::Json document = ion::views::json_document("doctor");
        document["findings"] = ion::views::doctor_json(findings);
        text = ion::views::json_text(document);
    }
    if (const int status = print(text); status != kDone) {
        return status;
    }
    return std::ranges::find(findings, Health::kMissing, &Finding::health) == findings.end() ? kDone
                                                                                             : kFailed;
}

}  // namespace

Subcommand::Run add_doctor(CLI::App& app) {
    const auto options = std::make_shared<DoctorOptions>();
    CLI::App* command =
        app.add_subcommand("doctor", "What iond needs of this machine, and how to get what is missing");
    command
        ->add_option("--device", options->device, "The device's path, if it is another than iond's default")
        ->type_name("FILE");
    command->add_option("--root", options->root, "Look at the files of another machine below this directory")
        ->type_name("DIR")
        ->check(CLI::ExistingDirectory);
    add_read_options(*command, *options, false);
    return [options](const CommonOptions& common) { return doctor(common, *options); };
}
