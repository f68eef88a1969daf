// SPDX-License-Identifier: Apache-2.0
//
// LoadedDriver: a driver's shared object in this process, its interface checked.

#pragma once

#include <string>

#include "include/iond/driver.h"
#include "plugins/shared_object.h"

namespace ion {

/// The file that a configuration's word for a driver means: a path as it is, "NAME" LIBDIR/iond/drivers/NAME.so.
[[nodiscard]] std::string driver_path(const std::string& word);

class LoadedDriver {
  public:
    /// Errors: ENOEXEC with the file's name, as LoadedPlugin::load().
    [[nodiscard]] static Result<LoadedDriver> load(PluginImage image, Activity& activity);

    /// The same for what is in the file. Errors: also those of PluginImage::read().
    [[nodiscard]] static Result<LoadedDriver> read(const std::string& path, Activity& activity);

    [[nodiscard]] const PluginImage& image() const { return object_.image(); }

    /// May throw what the driver throws. Errors: the driver's.
    [[nodiscard]] Result<std::unique_ptr<Driver>> start(DriverHost& host) const {
        return plugin_->start(host);
    }

    /// "NAME VERSION", for messages.
    [[nodiscard]] std::string title() const;

  private:
    LoadedDriver(SharedObject object, const DriverPlugin* plugin)
        : object_(std::move(object)), plugin_(plugin) {}

    SharedObject object_;
    const DriverPlugin* plugin_;
};

}  // namespace ion
