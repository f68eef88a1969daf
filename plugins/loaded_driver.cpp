// SPDX-License-Identifier: Apache-2.0

#include "plugins/loaded_driver.h"

#include <fmt/format.h>

namespace ion {

std::string driver_path(const std::string& word) {
    return word.find('/') != std::string::npos ? word : ION_DRIVER_DIR "/" + word + ".so";
}

Result<LoadedDriver> LoadedDriver::load(PluginImage image, Activity& activity) {
    auto object = SharedObject::load(std::move(image), activity);
    if (!object) {
        return object.error();
    }
    const auto given = object->call(kDriverEntry, activity);
    if (!given) {
        return given.error();
    }
    const auto* plugin = static_cast<const DriverPlugin*>(*given);
    if (plugin->interface_version != kDriverInterfaceVersion) {
        return bad_plugin(object->image(),
                          fmt::format("was built for version {} of the driver interface, this is version {}: "
                                      "build it again",
                                      plugin->interface_version, kDriverInterfaceVersion));
    }
    if (plugin->plugin_size != sizeof(DriverPlugin) || plugin->name == nullptr ||
        plugin->version == nullptr || plugin->start == nullptr) {
        return bad_plugin(object->image(), "was built with other headers, or has no name, version or start");
    }
    return LoadedDriver(*std::move(object), plugin);
}

Result<LoadedDriver> LoadedDriver::read(const std::string& path, Activity& activity) {
    auto image = PluginImage::read(path);
    return image ? load(*std::move(image), activity) : Result<LoadedDriver>(image.error());
}

std::string LoadedDriver::title() const {
    return fmt::format("{} {}", plugin_->name, plugin_->version);
}

}  // namespace ion
