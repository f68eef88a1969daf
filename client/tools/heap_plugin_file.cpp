// SPDX-License-Identifier: Apache-2.0

#include "client/tools/heap_plugin_file.h"

#include <memory>

#include "plugins/loaded_plugin.h"

ion::Result<std::span<const ion::HeapType>> heap_types_of_plugin(const std::string& path) {
    static ion::Activity
        activity;  // which nobody reads: what ends this program is seen by whoever started it
    auto image = ion::PluginImage::read(path);
    if (!image) {
        return image.error();
    }
    const auto plugin = ion::LoadedPlugin::load(*std::move(image), activity);
    if (!plugin) {
        return plugin.error();
    }
    return (*plugin)->types();
}
