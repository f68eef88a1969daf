// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/heap_commands.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/base/log.h"
#include "daemon/config/document.h"
#include "daemon/worker/change_request.h"

namespace ion {

namespace {

using Json = nlohmann::ordered_json;

/// Name of the only heap of a text that adds one.
Result<std::string> added_heap(const ConfigText& text, std::span<const HeapType> types) {
    const auto document = read_document(text, types);
    if (!document) {
        return document.error();
    }
    if (sets_more_than_tables(*document) || !document->faults.empty() || document->heaps.size() != 1) {
        return fail(EINVAL, text.name + ": must be one [[heap]] table, with `plugins` if it needs any");
    }
    const auto& name = document->heaps.front().name;
    return name ? Result<std::string>(name->value)
                : fail(EINVAL, document->heaps.front().where + ": heap.name: missing");
}

/// Tells the log, and whoever asked.
Result<std::string> said(const Result<ChangedHeaps>& changed) {
    if (!changed) {
        return changed.error();
    }
    const Json document{
        {"added", changed->added}, {"removed", changed->removed}, {"replaced", changed->replaced}};
    ION_INFO_ABOUT(log::Subject{.id = log::kConfigurationChangedId}, "worker", "configuration changed: {}",
                   document.dump());
    return document.dump(2) + "\n";
}

bool has_heap(const Config& config, const std::string& name) {
    return std::ranges::any_of(config.heaps, [&](const HeapConfig& heap) { return heap.name == name; });
}

}  // namespace

Result<std::string> HeapCommands::add(std::string_view document) {
    auto name = text_of(document, "name");
    auto text = text_of(document, "text");
    if (!name || !text) {
        return name ? text.error() : name.error();
    }
    auto pieces = changes_.served().pieces;
    pieces.push_back({{}, *name, *text});
    const auto plugins = plugins_of(pieces, loaded_or_read());
    if (!plugins) {
        return plugins.error();
    }
    const auto heap = added_heap({*name, *text}, plugins->types());
    if (!heap) {
        return heap.error();
    }
    if (has_heap(changes_.served().config, *heap)) {
        return fail(EEXIST, *name + ": heap.name: \"" + *heap + "\" is there already");
    }
    pieces = pieces_without(std::move(pieces), *heap);
    pieces.push_back({*heap, *std::move(name), *std::move(text)});
    return said(serve(std::move(pieces)));
}

Result<std::string> HeapCommands::remove(std::string_view document) {
    const auto heap = text_of(document, "heap");
    if (!heap) {
        return heap.error();
    }
    if (!has_heap(changes_.served().config, *heap)) {
        return fail(ENOENT, "there is no heap \"" + *heap + "\"");
    }
    auto pieces = pieces_without(changes_.served().pieces, *heap);
    const auto rest = check_configuration(pieces, {}, loaded_or_read());
    if (rest && has_heap(rest->config, *heap)) {  // it is in a file: leave it out after that
        pieces.push_back({*heap, "ionctl heap remove", "without = [" + quoted_toml(*heap) + "]\n"});
    }
    return said(serve(std::move(pieces)));
}

Result<std::string> HeapCommands::reload() {
    auto texts = read_files_();
    if (!texts) {
        return texts.error();
    }
    return said(serve(pieces_of(*std::move(texts)), [this](const std::string& path) { return read(path); }));
}

/// The plug-in that is in the file. What has been loaded stays loaded, so the same bytes are not loaded twice.
Result<std::shared_ptr<const LoadedPlugin>> HeapCommands::read(const std::string& path) {
    auto image = PluginImage::read(path);
    if (!image) {
        return image.error();
    }
    const auto served = changes_.served().plugins.at(path);
    if (served != nullptr && served->image().same_bytes(*image)) {
        return served;
    }
    for (const auto& plugin : loaded_) {
        if (plugin->image().path() == path && plugin->image().same_bytes(*image)) {
            return plugin;
        }
    }
    auto plugin = LoadedPlugin::load(*std::move(image), activity_);
    if (plugin) {
        loaded_.push_back(*plugin);
    }
    return plugin;
}

Result<CheckedConfiguration> HeapCommands::check(std::vector<ConfigurationPiece> pieces) {
    return check_configuration(std::move(pieces), ids_of(changes_.served().config), loaded_or_read());
}

Result<ChangedHeaps> HeapCommands::serve(std::vector<ConfigurationPiece> pieces) {
    return serve(std::move(pieces), loaded_or_read());
}

Result<ChangedHeaps> HeapCommands::serve(std::vector<ConfigurationPiece> pieces, const PluginSource& source) {
    auto next = check_configuration(std::move(pieces), ids_of(changes_.served().config), source);
    return next ? changes_.apply(*std::move(next)) : Result<ChangedHeaps>(next.error());
}

PluginSource HeapCommands::loaded_or_read() {
    return [this](const std::string& path) -> Result<std::shared_ptr<const LoadedPlugin>> {
        const auto served = changes_.served().plugins.at(path);
        return served != nullptr ? served : read(path);
    };
}

}  // namespace ion
