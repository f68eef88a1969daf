// SPDX-License-Identifier: Apache-2.0
//
// ionctl run: a program with a /dev/ion of its own, without a daemon; docs/run.md.

#include <cstdio>
#include <memory>
#include <string>

#include "client/tools/subcommand.h"
#include "daemon/base/log.h"
#include "daemon/config/load.h"
#include "daemon/supervise/supervisor.h"
#include "heaps/heap_catalog.h"

namespace {

struct RunOptions {
    std::string config_file;
    std::string log_level = "warn";
    ion::SuperviseOptions supervise;
};

int run(RunOptions& options) {
    auto config = ion::load_config({.file = options.config_file}, ion::builtin_heap_types());
    if (!config) {
        std::fprintf(stderr, "ionctl: %s\n", config.error().context.c_str());
        return kRunWrongUse;
    }
    options.supervise.config = *std::move(config);
    ion::log::init(options.log_level);
    ion::supervise(options.supervise);
}

}  // namespace

Subcommand::Run add_run(CLI::App& app) {
    const auto options = std::make_shared<RunOptions>();
    CLI::App* command = app.add_subcommand("run",
                                           "Runs a program with a /dev/ion of its own, without daemon or "
                                           "root");
    command->add_option("--config", options->config_file, "Read this file instead of /etc/iond")
        ->type_name("FILE");
    command->add_flag("--usage", options->supervise.usage, "Print the usage texts on stderr at the end");
    command->add_option("--device-name", options->supervise.device_name, "Name in /dev (default ion)")
        ->check([](const std::string& name) {
            return name.empty() || name.find('/') != std::string::npos ? std::string("must be a plain name")
                                                                       : std::string();
        })
        ->type_name("NAME");
    command->add_option("PROGRAM", options->supervise.program, "Its name and arguments; put -- before them")
        ->required()
        ->type_name("...");
    command->add_option("--log-level", options->log_level, "debug, info, warn, error or off (default warn)")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
        ->type_name("LEVEL");
    command->footer(
        "Waits for the program and everything that it started. The exit status is the program's, 128 + N "
        "when signal\n"
        "N ended it, 127 when it was not found, 126 when it cannot be executed, 125 when ionctl itself "
        "failed.");
    return [options](const CommonOptions&) { return run(*options); };
}
