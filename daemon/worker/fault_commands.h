// SPDX-License-Identifier: Apache-2.0
//
// FaultCommands: fault rules that come and go while clients are served, by control socket.

#pragma once

#include <string>
#include <string_view>

#include "daemon/core/faults.h"
#include "daemon/worker/heap_commands.h"

namespace ion {

/// Documents are JSON objects, changes last until the next reload, and errors are as in HeapCommands.
class FaultCommands {
  public:
    /// All outlive this.
    FaultCommands(const HeapChanges& changes, HeapCommands& commands, Faults& faults)
        : changes_(changes), commands_(commands), faults_(faults) {}

    /// {"name": how messages call the text, "text": TOML with one [[fault]] table}. Errors: EEXIST when there is a rule
    /// of that name.
    Result<std::string> add(std::string_view document);

    /// {"fault": its name}. Errors: ENOENT when there is none.
    Result<std::string> remove(std::string_view document);

  private:
    [[nodiscard]] static bool has(const Config& config, const std::string& name);
    Result<std::string> serve(std::vector<ConfigurationPiece> pieces, const char* done,
                              const std::string& name);

    const HeapChanges& changes_;
    HeapCommands& commands_;
    Faults& faults_;
};

}  // namespace ion
