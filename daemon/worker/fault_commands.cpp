// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/fault_commands.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/base/log.h"
#include "daemon/worker/change_request.h"

namespace ion {

namespace {

std::string subject_of(const std::string& name) {
    return "fault " + name;  // no heap is called so
}

/// Name of the only rule of a text that adds one.
Result<std::string> added_fault(const ConfigText& text) {
    const auto document = read_document(text, {});
    if (!document) {
        return document.error();
    }
    if (sets_more_than_tables(*document) || !document->plugins.empty() || !document->heaps.empty() ||
        document->faults.size() != 1 || document->faults.front().off) {
        return fail(EINVAL, text.name + ": must be one [[fault]] table");
    }
    return document->faults.front().rule.name;
}

}  // namespace

Result<std::string> FaultCommands::add(std::string_view document) {
    auto name = text_of(document, "name");
    auto text = text_of(document, "text");
    if (!name || !text) {
        return name ? text.error() : name.error();
    }
    const auto rule = added_fault({*name, *text});
    if (!rule) {
        return rule.error();
    }
    if (has(changes_.served().config, *rule)) {
        return fail(EEXIST, *name + ": fault.name: \"" + *rule + "\" is there already");
    }
    auto pieces = pieces_without(changes_.served().pieces, subject_of(*rule));
    pieces.push_back({subject_of(*rule), *std::move(name), *std::move(text)});
    return serve(std::move(pieces), "added", *rule);
}

Result<std::string> FaultCommands::remove(std::string_view document) {
    const auto rule = text_of(document, "fault");
    if (!rule) {
        return rule.error();
    }
    if (!has(changes_.served().config, *rule)) {
        return fail(ENOENT, "there is no fault \"" + *rule + "\"");
    }
    auto pieces = pieces_without(changes_.served().pieces, subject_of(*rule));
    const auto rest = commands_.check(pieces);
    if (rest && has(rest->config, *rule)) {  // it is in a file: take it away after that
        pieces.push_back({subject_of(*rule), "ionctl fault remove",
                          "[[fault]]\nname = " + quoted_toml(*rule) + "\noff = true\n"});
    }
    return serve(std::move(pieces), "removed", *rule);
}

bool FaultCommands::has(const Config& config, const std::string& name) {
    return std::ranges::find(config.faults, name, &FaultRule::name) != config.faults.end();
}

Result<std::string> FaultCommands::serve(std::vector<ConfigurationPiece> pieces, const char* done,
                                         const std::string& name) {
    if (auto changed = commands_.serve(std::move(pieces)); !changed) {
        return changed.error();
    }
    faults_.set(changes_.served().config.faults);
    ION_INFO_ABOUT(log::Subject{.id = log::kConfigurationChangedId}, "worker", "fault \"{}\" {}", name, done);
    return nlohmann::ordered_json{{done, {name}}}.dump(2) + "\n";
}

}  // namespace ion
