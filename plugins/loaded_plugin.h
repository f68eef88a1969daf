// SPDX-License-Identifier: Apache-2.0
//
// LoadedPlugin: a plug-in with heap types in this process, its interface checked.

#pragma once

#include <memory>
#include <span>
#include <string>

#include "heaps/heap_plugin.h"
#include "plugins/shared_object.h"

namespace ion {

class LoadedPlugin {
  public:
    /// Errors: ENOEXEC with the file's name when it cannot be loaded, has no entry point, was made for another
    /// interface, or says nonsense of itself. `activity` says so while code of it runs.
    [[nodiscard]] static Result<std::shared_ptr<const LoadedPlugin>> load(PluginImage image,
                                                                          Activity& activity);

    [[nodiscard]] const PluginImage& image() const { return object_.image(); }
    [[nodiscard]] std::span<const HeapType> types() const { return {plugin_.types, plugin_.type_count}; }

    /// "NAME VERSION", for messages.
    [[nodiscard]] std::string title() const;

  private:
    LoadedPlugin(SharedObject object, const HeapPlugin& plugin)
        : object_(std::move(object)), plugin_(plugin) {}

    SharedObject object_;
    const HeapPlugin& plugin_;
};

}  // namespace ion
