// SPDX-License-Identifier: Apache-2.0

#include "daemon/options.h"

#include <CLI/CLI.hpp>
#include <string>

namespace ion {

namespace {

TransportChoice transport_named(const std::string& name) {
    if (name == "cuse") {
        return TransportChoice::kCuse;
    }
    return name == "node" ? TransportChoice::kNode : TransportChoice::kAuto;
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
    ParsedOptions parsed;
    CommandLine& options = parsed.options;
    CLI::App app{"Serves /dev/ion: Android's ION memory manager in userspace."};
    app.set_version_flag("--version", "iond " ION_VERSION);
    app.add_option("--config", options.config_file, "Read this file instead of /etc/iond")->type_name("FILE");
    app.add_flag("--check-config", options.check_config, "Check the configuration and exit");
    app.add_flag("--list-heap-types", options.list_heap_types,
                 "Print what a heap's type may be and the options of each, and exit");
    app.add_option("--runtime-dir", options.runtime_dir,
                   "Put node (DIR/dev/ion), usage mount (DIR/debug) and control socket under DIR and touch "
                   "nothing else (default /run/ion)")
        ->type_name("DIR");
    app.add_option_function<std::string>(
           "--transport", [&options](const std::string& name) { options.transport = transport_named(name); },
           "How to offer the device: auto, cuse or node (default auto)")
        ->check(CLI::IsMember({"auto", "cuse", "node"}))
        ->type_name("KIND");
    app.add_option("--device-name", options.device_name, "Name in /dev (default ion)")
        ->check([](const std::string& name) {
            const bool plain = !name.empty() && name.size() < 32 && name.front() != '.' &&
                               name.find_first_not_of(
                                   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_.-") == std::string::npos;
            return plain ? std::string() : std::string("must be a plain name of at most 31 characters");
        })
        ->type_name("NAME");
    app.add_option("--usage-mount", options.usage_mount, "Where the usage files appear (default DIR/debug)")
        ->type_name("DIR");
    app.add_option("--log-level", options.log_level, "trace, debug, info, warn, error or off")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
        ->type_name("LEVEL");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        parsed.exit_status = app.exit(problem) == 0 ? 0 : 2;
    }
    return parsed;
}

}  // namespace ion
