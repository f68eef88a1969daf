// SPDX-License-Identifier: Apache-2.0
//
// ionctl heap add, remove, reload: change the heaps of a running iond, until its next reload or start.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "client/tools/control_client.h"
#include "client/tools/heap_commands.h"

namespace {

/// One line of JSON, whatever bytes the texts hold.
std::string json_text(const nlohmann::json& document) {
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

int add(const CommonOptions& options, const std::string& file) {
    std::ifstream stream(file == "-" ? "/dev/stdin" : file);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream || text.empty()) {
        std::fprintf(stderr, "ionctl: %s: cannot be read, or is empty\n", file.c_str());
        return kFailed;
    }
    return print_answer(options, ion::ControlCommand::kHeapAdd, json_text({{"name", file}, {"text", text}}));
}

int remove(const CommonOptions& options, const std::string& heap) {
    return print_answer(options, ion::ControlCommand::kHeapRemove, json_text({{"heap", heap}}));
}

int reload(const CommonOptions& options) {
    return print_answer(options, ion::ControlCommand::kReload);
}

}  // namespace

Subcommand::Run add_heap_add(CLI::App& app) {
    const auto file = std::make_shared<std::string>();
    CLI::App* command =
        app.add_subcommand("add", "Adds the heap of a file with one [[heap]] table (- is stdin) to iond's");
    command->add_option("FILE", *file)->required();
    return [file](const CommonOptions& options) { return add(options, *file); };
}

Subcommand::Run add_heap_remove(CLI::App& app) {
    const auto heap = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("remove", "Removes a heap that has no buffers from iond's");
    command->add_option("NAME", *heap)->required();
    return [heap](const CommonOptions& options) { return remove(options, *heap); };
}

Subcommand::Run add_heap_reload(CLI::App& app) {
    app.add_subcommand("reload", "Makes iond read configuration and plug-ins again, as SIGHUP does");
    return reload;
}
