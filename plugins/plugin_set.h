// SPDX-License-Identifier: Apache-2.0
//
// PluginSet: the plug-ins of one configuration, and all the heap types that it can name.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugins/loaded_plugin.h"

namespace ion {

/// The file that a configuration's word for a plug-in means: a path as it is, "NAME" LIBDIR/iond/heaps/NAME.so.
[[nodiscard]] std::string plugin_path(const std::string& word);

/// A value: a changed configuration gets a set of its own, which shares what stays loaded.
class PluginSet {
  public:
    /// Only the built-in types.
    PluginSet();

    /// Adds a plug-in. Errors: EEXIST with both files' names when one of its types has a name that is taken.
    [[nodiscard]] Result<void> add(std::shared_ptr<const LoadedPlugin> plugin);

    /// Built-in types first. The names and the types' other texts live until the process ends.
    [[nodiscard]] std::span<const HeapType> types() const { return types_; }

    [[nodiscard]] std::span<const std::shared_ptr<const LoadedPlugin>> plugins() const { return plugins_; }

    /// The plug-in that was read from `path`; null when there is none.
    [[nodiscard]] std::shared_ptr<const LoadedPlugin> at(const std::string& path) const;

    /// The plug-in that a type is from; null for a built-in one.
    [[nodiscard]] const LoadedPlugin* owner_of(std::string_view type) const;

  private:
    std::vector<HeapType> types_;
    std::vector<std::shared_ptr<const LoadedPlugin>> plugins_;
};

/// How to come by the plug-in in a file: the one that is loaded already, an image that an earlier worker read, ...
using PluginSource = std::function<Result<std::shared_ptr<const LoadedPlugin>>(const std::string& path)>;

/// The set for `words` of a configuration; a file that is named twice counts once. Errors: those of `source` and
/// PluginSet::add().
[[nodiscard]] Result<PluginSet> make_plugin_set(std::span<const std::string> words,
                                                const PluginSource& source);

}  // namespace ion
