// SPDX-License-Identifier: Apache-2.0
//
// HeapCommands: what an administrator can ask of the heaps while they are served, by control socket or SIGHUP.
//
// Files are what counts in the long run: changes by add() and remove() last until the next reload() or start.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "daemon/worker/heap_changes.h"

namespace ion {

/// Documents are JSON objects. Errors are for whoever asked: EINVAL for a document that is not as said here, and
/// those of check_configuration() and HeapChanges::apply(). Any error: nothing has changed.
class HeapCommands {
  public:
    /// Reads the configuration's files.
    using ReadFiles = std::function<Result<std::vector<ConfigText>>()>;

    /// `changes` and `activity` outlive this.
    HeapCommands(HeapChanges& changes, ReadFiles read_files, Activity& activity)
        : changes_(changes), read_files_(std::move(read_files)), activity_(activity) {}

    /// {"name": how messages call the text, "text": TOML with one [[heap]] table and maybe `plugins`}.
    /// Errors: EEXIST when there is a heap of that name.
    Result<std::string> add(std::string_view document);

    /// {"heap": its name}. Errors: ENOENT when there is none.
    Result<std::string> remove(std::string_view document);

    /// Reads files and plug-ins again.
    Result<std::string> reload();

    /// What these pieces mean with the plug-ins as they are loaded.
    [[nodiscard]] Result<CheckedConfiguration> check(std::vector<ConfigurationPiece> pieces);

    /// Makes them what is served.
    Result<ChangedHeaps> serve(std::vector<ConfigurationPiece> pieces);

  private:
    Result<ChangedHeaps> serve(std::vector<ConfigurationPiece> pieces, const PluginSource& source);
    [[nodiscard]] PluginSource loaded_or_read();
    [[nodiscard]] Result<std::shared_ptr<const LoadedPlugin>> read(const std::string& path);

    HeapChanges& changes_;
    ReadFiles read_files_;
    Activity& activity_;
    std::vector<std::shared_ptr<const LoadedPlugin>> loaded_;  // for changes that came to nothing, too
};

}  // namespace ion
