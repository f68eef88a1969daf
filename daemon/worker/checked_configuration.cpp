// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/checked_configuration.h"

#include <algorithm>
#include <utility>

#include "daemon/worker/inherited_fds.h"
#include "plugins/loaded_driver.h"

namespace ion {

namespace {

std::vector<ConfigText> texts_of(const std::vector<ConfigurationPiece>& pieces) {
    std::vector<ConfigText> texts;
    texts.reserve(pieces.size());
    for (const ConfigurationPiece& piece : pieces) {
        texts.push_back({piece.name, piece.text});
    }
    return texts;
}

}  // namespace

Result<PluginSet> plugins_of(const std::vector<ConfigurationPiece>& pieces, const PluginSource& source) {
    const auto preface = read_preface(texts_of(pieces));
    if (!preface) {
        return preface.error();
    }
    return make_plugin_set(preface->plugins, source);
}

Result<CheckedConfiguration> check_configuration(std::vector<ConfigurationPiece> pieces,
                                                 const HeapIds& former, const PluginSource& source) {
    const auto texts = texts_of(pieces);
    const auto preface = read_preface(texts);
    if (!preface) {
        return preface.error();
    }
    if (preface->drivers.size() > kMaxDrivers) {
        return fail(EINVAL, "drivers: there are more than " + std::to_string(kMaxDrivers));
    }
    auto plugins = make_plugin_set(preface->plugins, source);
    if (!plugins) {
        return plugins.error();
    }
    auto config = parse_config(texts, plugins->types(), former);
    if (!config) {
        return config.error();
    }
    return CheckedConfiguration{std::move(pieces), *std::move(plugins), *std::move(config), preface->drivers};
}

std::vector<ConfigurationPiece> pieces_of(std::vector<ConfigText> texts) {
    std::vector<ConfigurationPiece> pieces;
    pieces.reserve(texts.size());
    for (ConfigText& text : texts) {
        pieces.push_back({{}, std::move(text.name), std::move(text.text)});
    }
    return pieces;
}

Result<CheckedConfiguration> former_configuration(const State& former, const std::vector<ConfigText>& texts,
                                                  Activity& activity) {
    HeapIds ids;
    std::vector<ConfigurationPiece> pieces;
    if (const auto& known = former.configuration()) {
        pieces = known->pieces;
        for (const HeapNumber& number : known->numbers) {
            ids[number.name] = number.id;
        }
    } else {
        pieces = pieces_of(texts);
    }
    const auto source = [&](const std::string& path) -> Result<std::shared_ptr<const LoadedPlugin>> {
        const auto known = former.plugins().find(path);
        if (known != former.plugins().end() && still_is(known->second.fd, known->second.file)) {
            return LoadedPlugin::load(PluginImage(path, UniqueFd(known->second.fd)), activity);
        }
        return read_plugins(activity)(path);
    };
    return check_configuration(std::move(pieces), ids, source);
}

PluginSource read_plugins(Activity& activity) {
    return [&activity](const std::string& path) -> Result<std::shared_ptr<const LoadedPlugin>> {
        auto image = PluginImage::read(path);
        return image ? LoadedPlugin::load(*std::move(image), activity)
                     : Result<std::shared_ptr<const LoadedPlugin>>(image.error());
    };
}

HeapIds ids_of(const Config& config) {
    HeapIds ids;
    for (const HeapConfig& heap : config.heaps) {
        ids[heap.name] = heap.id;
    }
    return ids;
}

ConfigurationSet record_of(const CheckedConfiguration& configuration) {
    ConfigurationSet record{configuration.pieces, {}};
    for (const auto& [name, id] : ids_of(configuration.config)) {
        record.numbers.push_back({name, id});
    }
    return record;
}

void stage_plugins(const CheckedConfiguration& next, const State& former, std::vector<Record>& records) {
    const auto is_driver = [&](const std::string& path) {
        return std::ranges::find(next.drivers, path, driver_path) != next.drivers.end();
    };
    for (const auto& [path, known] : former.plugins()) {
        if (next.plugins.at(path) == nullptr && !is_driver(path)) {
            records.emplace_back(PluginGone{path});
        }
    }
    for (const auto& plugin : next.plugins.plugins()) {
        const PluginImage& image = plugin->image();
        const auto known = former.plugins().find(image.path());
        const auto file = file_id_of(image.fd());
        if (file && (known == former.plugins().end() || known->second.file != *file)) {
            records.emplace_back(PluginLoaded{image.path(), image.fd(), *file});
        }
    }
}

}  // namespace ion
