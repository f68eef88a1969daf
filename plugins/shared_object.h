// SPDX-License-Identifier: Apache-2.0
//
// SharedObject: an image loaded into this process.

#pragma once

#include "daemon/base/activity.h"
#include "plugins/plugin_image.h"

namespace ion {

/// Its code stays mapped until the process ends: objects, functions and texts of it may be anywhere by then. The
/// image's descriptor is left open as long: its path is what the loader knows the object by.
class SharedObject {
  public:
    /// Errors: ENOEXEC with the file's name. `activity` says so while code of it runs.
    [[nodiscard]] static Result<SharedObject> load(PluginImage image, Activity& activity);

    SharedObject(SharedObject&&) = default;
    SharedObject& operator=(SharedObject&&) = delete;
    ~SharedObject() { (void)image_.leave_open(); }

    [[nodiscard]] const PluginImage& image() const { return image_; }

    /// Calls the function `entry`, which takes nothing and gives a pointer. Errors: ENOEXEC with the file's name
    /// when it is missing, throws, or gives null.
    [[nodiscard]] Result<const void*> call(const char* entry, Activity& activity) const;

  private:
    SharedObject(PluginImage image, void* handle) : image_(std::move(image)), handle_(handle) {}

    PluginImage image_;
    void* handle_;
};

/// ENOEXEC, "plug-in FILE: PROBLEM".
[[nodiscard]] Error bad_plugin(const PluginImage& image, std::string_view problem);

}  // namespace ion
