// SPDX-License-Identifier: Apache-2.0
//
// ionctl explain: why an allocation failed, in plain words.

#include <cstdio>
#include <optional>

#include "client/tools/read_command.h"
#include "client/usage/refusals.h"
#include "client/views/explain_view.h"

namespace {

struct ExplainOptions : ReadOptions {
    std::optional<std::uint64_t> number;
};

ion::Error no_such(const ion::usage::Refusals& refusals, std::uint64_t number) {
    std::string what = "refusal #" + std::to_string(number) + ": no such; ";
    what += refusals.last.empty() ? "none is kept"
                                  : "kept are #" + std::to_string(refusals.last.back().number) + " to #" +
                                        std::to_string(refusals.last.front().number);
    return ion::fail(ENOENT, what);
}

ion::Result<std::string> explain(const UsageMount& mount, const ExplainOptions& options) {
    const auto text = mount.read("refusals");
    if (!text) {
        return text.error();
    }
    const auto refusals = ion::usage::parse_refusals(*text);
    if (!refusals) {
        return refusals.error();
    }
    const ion::usage::Refusal* chosen = refusals->last.empty() ? nullptr : &refusals->last.front();
    if (options.number) {
        const auto found = std::ranges::find(refusals->last, *options.number, &ion::usage::Refusal::number);
        if (found == refusals->last.end()) {
            return no_such(*refusals, *options.number);
        }
        chosen = &*found;
    }
    if (options.json) {
        ion::views::Json document = ion::views::json_document("refusal");
        document["refused"] = refusals->total;
        document["refusal"] = chosen == nullptr ? ion::views::Json() : ion::views::explain_json(*chosen);
        return ion::views::json_text(document);
    }
    if (chosen == nullptr) {
        return std::string("No allocation was refused since iond's worker began.\n");
    }
    return ion::views::explain_text(*chosen);
}

}  // namespace

Subcommand::Run add_explain(CLI::App& app) {
    const auto options = std::make_shared<ExplainOptions>();
    CLI::App* command =
        app.add_subcommand("explain", "Why the last allocation failed, or the one of a number");
    command->add_option("ID", options->number, "Number of a refusal, as in the file refusals");
    add_read_options(*command, *options, false);
    return [options](const CommonOptions& common) {
        return show(common, [&](const UsageMount& mount) { return explain(mount, *options); });
    };
}
