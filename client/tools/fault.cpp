// SPDX-License-Identifier: Apache-2.0
//
// ionctl fault add, remove, list: rules by which calls of a running iond's clients fail or wait.

#include <array>
#include <memory>
#include <optional>

#include "client/tools/control_client.h"
#include "client/tools/read_command.h"
#include "client/usage/faults.h"
#include "client/views/faults_view.h"

namespace {

/// A key of a [[fault]] table and what the command line says for it.
struct Setting {
    const char* option;
    const char* key;
    const char* type;
    const char* help;
    bool is_text;
};

constexpr std::array kSettings{
    Setting{"--command", "command", "COMMAND", "What calls the rule is about (default any)", true},
    Setting{"--heap", "heap", "HEAP", "With alloc: have this heap fail; others of the mask are tried", true},
    Setting{"--client", "client", "PATTERN",
            "Name, pid or client that calls, with ? and *; default: everybody", true},
    Setting{"--every", "every", "N", "Hit each Nth call (default 1)", false},
    Setting{"--probability", "probability", "P", "Of those, hit so many, above 0 to 1 (default 1)", false},
    Setting{"--seed", "seed", "N", "Decides which (default 0)", false},
    Setting{"--count", "count", "N", "Hit so many calls at most", false},
    Setting{"--errno", "errno", "NAME", "Answer this, such as ENOMEM", true},
    Setting{"--delay-ms", "delay_ms", "MS", "Serve the call so much later, 1 to 60000", false},
};

struct AddOptions {
    std::string name;
    std::array<std::optional<std::string>, kSettings.size()> values;
};

using Json = ion::views::Json;

/// The [[fault]] table; iond checks it. A number that is none stays a mistake there.
std::string table_of(const AddOptions& options) {
    std::string text = "[[fault]]\nname = " + Json(options.name).dump() + "\n";
    for (std::size_t i = 0; i < kSettings.size(); ++i) {
        if (const auto& value = options.values[i]) {
            text += std::string(kSettings[i].key) + " = " +
                    (kSettings[i].is_text ? Json(*value).dump() : *value) + "\n";
        }
    }
    return text;
}

int add(const CommonOptions& common, const AddOptions& options) {
    const Json document{{"name", "ionctl fault add"}, {"text", table_of(options)}};
    return print_answer(common, ion::ControlCommand::kFaultAdd, ion::views::json_line(document));
}

int remove(const CommonOptions& common, const std::string& name) {
    return print_answer(common, ion::ControlCommand::kFaultRemove,
                        ion::views::json_line(Json{{"fault", name}}));
}

ion::Result<std::string> list(const UsageMount& mount, const ReadOptions& options) {
    const auto text = mount.read("faults");
    const auto faults = text ? ion::usage::parse_faults(*text) : text.error();
    if (!faults) {
        return faults.error();
    }
    if (!options.json) {
        return ion::views::faults_table(*faults).text();
    }
    Json document = ion::views::json_document("faults");
    document["faults"] = ion::views::faults_json(*faults);
    return ion::views::json_text(document);
}

Subcommand::Run add_add(CLI::App& app) {
    const auto options = std::make_shared<AddOptions>();
    CLI::App* command =
        app.add_subcommand("add", "Has calls fail or wait from here on, until the next reload");
    command->add_option("NAME", options->name, "Name of the rule")->required();
    for (std::size_t i = 0; i < kSettings.size(); ++i) {
        CLI::Option* option = command->add_option(kSettings[i].option, options->values[i], kSettings[i].help);
        option->type_name(kSettings[i].type);
        if (!kSettings[i].is_text) {
            option->check(CLI::Number);
        }
    }
    command->get_option("--command")
        ->check(CLI::IsMember({"any", "alloc", "free", "share", "import", "sync", "custom", "query"}));
    return [options](const CommonOptions& common) { return add(common, *options); };
}

Subcommand::Run add_remove(CLI::App& app) {
    const auto name = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("remove", "Takes a rule away");
    command->add_option("FAULT", *name)->required();
    return [name](const CommonOptions& common) { return remove(common, *name); };
}

Subcommand::Run add_list(CLI::App& app) {
    const auto options = std::make_shared<ReadOptions>();
    add_read_options(*app.add_subcommand("list", "The rules, and what each has seen"), *options, false);
    return [options](const CommonOptions& common) {
        return show(common, [&](const UsageMount& mount) { return list(mount, *options); });
    };
}

}  // namespace

Subcommand::Run add_fault(CLI::App& app) {
    return add_group(app, "fault", "Has calls of programs fail or wait, to try how they bear it",
                     {{add_add, "add"}, {add_remove, "remove"}, {add_list, "list"}});
}
