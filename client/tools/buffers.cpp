// SPDX-License-Identifier: Apache-2.0
//
// ionctl buffers, holders, leaks: who has which buffer, and which may have been forgotten.

#include "client/tools/read_command.h"
#include "client/usage/buffer.h"
#include "client/views/buffers_view.h"

namespace {

using Buffers = std::vector<ion::usage::Buffer>;

/// All of them, as of one moment.
ion::Result<Buffers> all_buffers(const UsageMount& mount) {
    const auto text = mount.read("buffers/all");
    if (!text) {
        return text.error();
    }
    return ion::usage::parse_buffers(*text);
}

ion::Result<std::string> buffers(const UsageMount& mount, const ReadOptions& options) {
    const auto all = all_buffers(mount);
    if (!all) {
        return all.error();
    }
    if (!options.json) {
        return ion::views::buffers_table(*all, options.sizes()).text();
    }
    ion::views::Json document = ion::views::json_document("buffers");
    document["buffers"] = ion::views::Json::array();
    for (const auto& buffer : *all) {
        document["buffers"].push_back(ion::views::buffer_json(buffer));
    }
    return ion::views::json_text(document);
}

ion::Result<std::string> leaks(const UsageMount& mount, const ReadOptions& options) {
    const auto all = all_buffers(mount);
    if (!all) {
        return all.error();
    }
    const auto figures = mount.figures();
    if (!figures) {
        return figures.error();
    }
    const auto found = ion::views::leaks_of(*all, *figures);
    if (!options.json) {
        return ion::views::leaks_text(found, options.sizes());
    }
    ion::views::Json document = ion::views::json_document("leaks");
    document["leaks"] = ion::views::leaks_json(found);
    return ion::views::json_text(document);
}

ion::Result<std::string> holders(const UsageMount& mount, const ReadOptions& options, std::uint64_t id) {
    const auto text = mount.read("buffers/" + std::to_string(id));
    if (!text) {
        const int code = text.error().code;
        return code == ENOENT
                   ? ion::fail(code, "no buffer " + std::to_string(id) + "; ionctl buffers lists them")
                   : text.error();
    }
    const auto parsed = ion::usage::parse_buffers(*text);
    if (!parsed || parsed->size() != 1) {
        return parsed ? ion::fail(EPROTO, "buffers: not one buffer") : parsed.error();
    }
    if (!options.json) {
        return ion::views::holders_text(parsed->front());
    }
    ion::views::Json document = ion::views::json_document("buffer");
    document["buffer"] = ion::views::buffer_json(parsed->front());
    return ion::views::json_text(document);
}

}  // namespace

Subcommand::Run add_buffers(CLI::App& app) {
    return add_show(app, "buffers", "Every buffer, who made it and how many have it", buffers);
}

Subcommand::Run add_leaks(CLI::App& app) {
    return add_show(app, "leaks", "Buffers that may have been forgotten, and clients that only grow", leaks);
}

Subcommand::Run add_holders(CLI::App& app) {
    struct HoldersOptions : ReadOptions {
        std::uint64_t id = 0;
    };
    const auto options = std::make_shared<HoldersOptions>();
    CLI::App* command = app.add_subcommand("holders", "Who has a buffer, by handle, descriptor and mapping");
    command->add_option("ID", options->id, "Number of a buffer")->required();
    add_read_options(*command, *options, false);
    return [options](const CommonOptions& common) {
        return show(common, [&](const UsageMount& mount) { return holders(mount, *options, options->id); });
    };
}
