// SPDX-License-Identifier: Apache-2.0

#include "plugins/shared_object.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <exception>

namespace ion {
namespace {

/// The loader's own words, without the path that only this process knows.
std::string loader_message(const std::string& loaded_as) {
    const char* text = ::dlerror();
    std::string message = text == nullptr ? "cannot be loaded" : text;
    if (message.starts_with(loaded_as + ": ")) {
        message.erase(0, loaded_as.size() + 2);
    }
    return message;
}

}  // namespace

Error bad_plugin(const PluginImage& image, std::string_view problem) {
    return fail(ENOEXEC, fmt::format("plug-in {}: {}", image.path(), problem));
}

Result<SharedObject> SharedObject::load(PluginImage image, Activity& activity) {
    const ActivityNote note(activity, "loading", "plug-in " + image.path());
    const std::string loaded_as = fmt::format("/proc/self/fd/{}", image.fd());
    void* handle = nullptr;
    try {
        handle = ::dlopen(loaded_as.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    } catch (const std::exception& thrown) {  // of a constructor of a static object
        return bad_plugin(image, fmt::format("threw while it was loaded: {}", thrown.what()));
    }
    if (handle == nullptr) {
        return bad_plugin(image, loader_message(loaded_as));
    }
    return SharedObject(std::move(image), handle);
}

Result<const void*> SharedObject::call(const char* entry, Activity& activity) const {
    const ActivityNote note(activity, entry, "plug-in " + image_.path());
    const auto function = reinterpret_cast<const void* (*)()>(::dlsym(handle_, entry));
    if (function == nullptr) {
        return bad_plugin(image_, fmt::format("has no function {}", entry));
    }
    try {
        const void* given = function();
        return given != nullptr ? Result<const void*>(given)
                                : bad_plugin(image_, fmt::format("{}() returned nothing", entry));
    } catch (const std::exception& thrown) {
        return bad_plugin(image_, fmt::format("{}() threw: {}", entry, thrown.what()));
    } catch (...) {
        return bad_plugin(image_, fmt::format("{}() threw", entry));
    }
}

}  // namespace ion
