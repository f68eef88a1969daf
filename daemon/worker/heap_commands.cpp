// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/heap_commands.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/base/log.h"
#include "daemon/config/document.h"

namespace ion {

namespace {

using Json = nlohmann::ordered_json;

/// A string of a document. Errors: EINVAL.
Result<std::string> text_of(std::string_view document, const char* key) {
    const Json json = Json::parse(document, nullptr, false);
    if (!json.is_object() || !json.contains(key) || !json[key].is_string()) {
        return fail(EINVAL, std::string("the request is no JSON object with a text \"") + key + "\"");
    }
    return json[key].get<std::string>();
}

/// Name of the only heap of a text that adds one.
Result<std::string> added_heap(const ConfigText& text, std::span<const HeapType> types) {
    const auto document = read_document(text, types);
    if (!document) {
        return document.error();
    }
    if (document->preset || document->personality || document->log_level || !document->without.empty() ||
        !document->drivers.empty() || document->heaps.size() != 1) {
        return fail(EINVAL, text.name + ": must be one [[heap]] table, with `plugins` if it needs any");
    }
    const auto& name = document->heaps.front().name;
    return name ? Result<std::string>(name->value)
                : fail(EINVAL, document->heaps.front().where + ": heap.name: missing");
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
    pieces = pieces_without(*heap);
    pieces.push_back({*heap, *std::move(name), *std::move(text)});
    return serve(std::move(pieces), loaded_or_read());
}

Result<std::string> HeapCommands::remove(std::string_view document) {
    const auto heap = text_of(document, "heap");
    if (!heap) {
        return heap.error();
    }
    if (!has_heap(changes_.served().config, *heap)) {
        return fail(ENOENT, "there is no heap \"" + *heap + "\"");
    }
    auto pieces = pieces_without(*heap);
    const auto rest = check_configuration(pieces, {}, loaded_or_read());
    if (rest && has_heap(rest->config, *heap)) {  // it is in a file: leave it out after that
        pieces.push_back({*heap, "ionctl heap remove", "without = [" + Json(*heap).dump() + "]\n"});
    }
    return serve(std::move(pieces), loaded_or_read());
}

Result<std::string> HeapCommands::reload() {
    auto texts = read_files_();
    if (!texts) {
        return texts.error();
    }
    return serve(pieces_of(*std::move(texts)), [this](const std::string& path) { return read(path); });
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

Result<std::string> HeapCommands::serve(std::vector<ConfigurationPiece> pieces, const PluginSource& source) {
    auto next = check_configuration(std::move(pieces), ids_of(changes_.served().config), source);
    if (!next) {
        return next.error();
    }
    auto changed = changes_.apply(*std::move(next));
    if (!changed) {
        return changed.error();
    }
    const Json document{
        {"added", changed->added}, {"removed", changed->removed}, {"replaced", changed->replaced}};
    ION_INFO_ABOUT(log::Subject{.id = log::kConfigurationChangedId}, "worker", "configuration changed: {}",
                   document.dump());
    return document.dump(2) + "\n";
}

std::vector<ConfigurationPiece> HeapCommands::pieces_without(const std::string& heap) const {
    auto pieces = changes_.served().pieces;
    std::erase_if(pieces, [&](const ConfigurationPiece& piece) { return piece.heap == heap; });
    return pieces;
}

PluginSource HeapCommands::loaded_or_read() {
    return [this](const std::string& path) -> Result<std::shared_ptr<const LoadedPlugin>> {
        const auto served = changes_.served().plugins.at(path);
        return served != nullptr ? served : read(path);
    };
}

}  // namespace ion
