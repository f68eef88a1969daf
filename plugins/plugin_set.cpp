// SPDX-License-Identifier: Apache-2.0

#include "plugins/plugin_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "heaps/heap_catalog.h"

namespace ion {

std::string plugin_path(const std::string& word) {
    return word.find('/') != std::string::npos ? word : ION_HEAP_PLUGIN_DIR "/" + word + ".so";
}

PluginSet::PluginSet() {
    const auto builtin = builtin_heap_types();
    types_.assign(builtin.begin(), builtin.end());
}

Result<void> PluginSet::add(std::shared_ptr<const LoadedPlugin> plugin) {
    for (const HeapType& type : plugin->types()) {
        if (find_heap_type(types_, type.name) != nullptr) {
            const LoadedPlugin* owner = owner_of(type.name);
            return fail(EEXIST,
                        fmt::format("plug-in {}: heap type \"{}\" is taken by {}", plugin->image().path(),
                                    type.name, owner == nullptr ? "a built-in one" : owner->image().path()));
        }
    }
    types_.insert(types_.end(), plugin->types().begin(), plugin->types().end());
    plugins_.push_back(std::move(plugin));
    return {};
}

std::shared_ptr<const LoadedPlugin> PluginSet::at(const std::string& path) const {
    const auto found =
        std::ranges::find_if(plugins_, [&](const auto& one) { return one->image().path() == path; });
    return found == plugins_.end() ? nullptr : *found;
}

const LoadedPlugin* PluginSet::owner_of(std::string_view type) const {
    for (const auto& plugin : plugins_) {
        if (find_heap_type(plugin->types(), type) != nullptr) {
            return plugin.get();
        }
    }
    return nullptr;
}

Result<PluginSet> make_plugin_set(std::span<const std::string> words, const PluginSource& source) {
    PluginSet set;
    for (const std::string& word : words) {
        const std::string path = plugin_path(word);
        if (set.at(path) != nullptr) {
            continue;
        }
        auto plugin = source(path);
        if (!plugin) {
            return plugin.error();
        }
        if (auto added = set.add(*std::move(plugin)); !added) {
            return added.error();
        }
    }
    return set;
}

}  // namespace ion
