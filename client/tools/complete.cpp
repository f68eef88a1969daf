// SPDX-License-Identifier: Apache-2.0
//
// ionctl complete: what the completion of a shell asks (client/tools/ionctl.bash). Not listed in the help.

#include <cstdio>
#include <memory>

#include "client/tools/completion.h"
#include "client/tools/read_command.h"
#include "client/usage/faults.h"
#include "client/usage/refusals.h"

namespace {

using Words = std::vector<std::string>;

/// A positional argument whose values a daemon knows.
struct Argument {
    std::string_view command;
    std::string_view name;
    Words (*values)(const UsageMount& mount);
};

Words heap_names(const UsageMount& mount) {
    Words names;
    if (const auto figures = mount.figures()) {
        for (const auto& heap : figures->heaps) {
            names.push_back(heap.name);
        }
    }
    return names;
}

Words buffer_numbers(const UsageMount& mount) {
    const auto names = mount.list("buffers");
    Words numbers = names ? *names : Words();
    std::erase(numbers, "all");
    return numbers;
}

Words mapped_heaps(const UsageMount& mount) {
    const auto names = mount.list("map");
    return names ? *names : Words();
}

Words refusal_numbers(const UsageMount& mount) {
    Words numbers;
    const auto text = mount.read("refusals");
    const auto refusals = text ? ion::usage::parse_refusals(*text) : text.error();
    if (refusals) {
        for (const auto& refusal : refusals->last) {
            numbers.push_back(std::to_string(refusal.number));
        }
    }
    return numbers;
}

Words fault_names(const UsageMount& mount) {
    Words names;
    const auto text = mount.read("faults");
    const auto faults = text ? ion::usage::parse_faults(*text) : text.error();
    if (faults) {
        for (const auto& fault : *faults) {
            names.push_back(fault.name);
        }
    }
    return names;
}

constexpr std::array kArguments{
    Argument{"map", "HEAP", mapped_heaps},      Argument{"holders", "ID", buffer_numbers},
    Argument{"remove", "NAME", heap_names},     Argument{"remove", "FAULT", fault_names},
    Argument{"explain", "ID", refusal_numbers},
};

/// Where the daemon is, by the options on the line that is completed.
CommonOptions as_typed(CommonOptions common, const Words& words) {
    for (std::size_t i = 0; i + 2 < words.size(); ++i) {
        if (words[i] == "--runtime-dir") {
            common.runtime_dir = words[i + 1];
        } else if (words[i] == "--usage-mount") {
            common.usage_mount = words[i + 1];
        }
    }
    return common;
}

/// No daemon, no values.
Words values_of(const CommonOptions& common, const std::string& command, const std::string& name) {
    const auto* argument = std::ranges::find_if(
        kArguments, [&](const Argument& one) { return one.command == command && one.name == name; });
    if (argument == kArguments.end()) {
        return {};
    }
    const auto mount = UsageMount::find(common);
    return mount ? argument->values(*mount) : Words();
}

}  // namespace

Subcommand::Run add_complete(CLI::App& app) {
    const auto words = std::make_shared<Words>();
    CLI::App* command = app.add_subcommand("complete", "Prints what can follow the words after --");
    command->group("");
    command->add_option("WORD", *words);
    return [words, &app](const CommonOptions& own) {
        const CommonOptions common = as_typed(own, *words);
        const ArgumentValues values = [&](const std::string& of, const std::string& name) {
            return values_of(common, of, name);
        };
        std::string text;
        for (const std::string& one : complete(app, *words, values)) {
            text += one + "\n";
        }
        return print(text);
    };
}
