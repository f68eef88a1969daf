// SPDX-License-Identifier: Apache-2.0

#include "client/tools/heap_plugin_file.h"

#include <dlfcn.h>

#include "heaps/heap_plugin.h"

ion::Result<std::span<const ion::HeapType>> heap_types_of_plugin(const std::string& path) {
    const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
    void* const object = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const auto entry = object == nullptr
                           ? nullptr
                           : reinterpret_cast<ion::HeapPluginEntry>(::dlsym(object, ion::kHeapPluginEntry));
    if (entry == nullptr) {
        return ion::fail(ENOEXEC, std::string("plug-in ") + ::dlerror());
    }
    const ion::HeapPlugin* plugin = entry();
    if (plugin->interface_version != ion::kHeapInterfaceVersion ||
        plugin->plugin_size != sizeof(ion::HeapPlugin) || plugin->type_size != sizeof(ion::HeapType) ||
        plugin->parameters_size != sizeof(ion::HeapParameters)) {
        return ion::fail(ENOEXEC, "plug-in " + path + ": was built with other headers: build it again");
    }
    return std::span(plugin->types, plugin->type_count);
}
