// SPDX-License-Identifier: Apache-2.0

#include "plugins/loaded_plugin.h"

#include <fmt/format.h>

namespace ion {
namespace {

Result<void> check_types(const PluginImage& image, const HeapPlugin& plugin) {
    if (plugin.types == nullptr || plugin.type_count == 0) {
        return bad_plugin(image, "has no heap types");
    }
    for (std::size_t i = 0; i < plugin.type_count; ++i) {
        const HeapType& type = plugin.types[i];
        if (type.name.empty()) {
            return bad_plugin(image, fmt::format("heap type {} has no name", i));
        }
        if (type.make == nullptr) {
            return bad_plugin(image, fmt::format("heap type \"{}\" has no make function", type.name));
        }
    }
    return {};
}

Result<void> check_interface(const PluginImage& image, const HeapPlugin& plugin) {
    if (plugin.interface_version != kHeapInterfaceVersion) {
        return bad_plugin(image,
                          fmt::format("was built for version {} of the heap interface, this is version {}: "
                                      "build it again",
                                      plugin.interface_version, kHeapInterfaceVersion));
    }
    if (plugin.plugin_size != sizeof(HeapPlugin) || plugin.type_size != sizeof(HeapType) ||
        plugin.parameters_size != sizeof(HeapParameters)) {
        return bad_plugin(
            image,
            fmt::format("was built with other headers (by {}; this is {}): build it again",
                        plugin.compiler == nullptr ? "an unknown compiler" : plugin.compiler, __VERSION__));
    }
    if (plugin.name == nullptr || *plugin.name == '\0' || plugin.version == nullptr) {
        return bad_plugin(image, "has no name or version");
    }
    return check_types(image, plugin);
}

}  // namespace

Result<std::shared_ptr<const LoadedPlugin>> LoadedPlugin::load(PluginImage image, Activity& activity) {
    auto object = SharedObject::load(std::move(image), activity);
    if (!object) {
        return object.error();
    }
    const auto given = object->call(kHeapPluginEntry, activity);
    if (!given) {
        return given.error();
    }
    const auto& plugin = *static_cast<const HeapPlugin*>(*given);
    if (auto checked = check_interface(object->image(), plugin); !checked) {
        return checked.error();
    }
    return std::shared_ptr<const LoadedPlugin>(new LoadedPlugin(*std::move(object), plugin));
}

std::string LoadedPlugin::title() const {
    return fmt::format("{} {}", plugin_.name, plugin_.version);
}

}  // namespace ion
