// SPDX-License-Identifier: Apache-2.0
//
// CheckedConfiguration: texts, the plug-ins that they name, and what the texts mean with those plug-ins' types.

#pragma once

#include <vector>

#include "daemon/config/config.h"
#include "daemon/core/state.h"
#include "plugins/plugin_set.h"

namespace ion {

/// So many drivers can be configured.
inline constexpr std::size_t kMaxDrivers = 32;

struct CheckedConfiguration {
    std::vector<ConfigurationPiece> pieces;  ///< in the order in which they override each other
    PluginSet plugins;
    Config config;
    std::vector<std::string> drivers;  ///< words, as driver_path() takes them
};

/// The plug-ins that the pieces name. Errors: those of read_preface() and make_plugin_set().
[[nodiscard]] Result<PluginSet> plugins_of(const std::vector<ConfigurationPiece>& pieces,
                                           const PluginSource& source);

/// Loads the plug-ins that the pieces name, through `source`, and checks the pieces with their types. `former`: ids
/// of heaps that are served.
///
/// Errors: those of plugins_of() and parse_config(); EINVAL for too many drivers.
[[nodiscard]] Result<CheckedConfiguration> check_configuration(std::vector<ConfigurationPiece> pieces,
                                                               const HeapIds& former,
                                                               const PluginSource& source);

/// Texts of files as pieces.
[[nodiscard]] std::vector<ConfigurationPiece> pieces_of(std::vector<ConfigText> texts);

/// The configuration that a former worker left, or else the keeper's `texts`, with the images that it had loaded.
[[nodiscard]] Result<CheckedConfiguration> former_configuration(const State& former,
                                                                const std::vector<ConfigText>& texts,
                                                                Activity& activity);

/// A source that reads each file anew.
[[nodiscard]] PluginSource read_plugins(Activity& activity);

/// Ids of the heaps of a configuration.
[[nodiscard]] HeapIds ids_of(const Config& config);

/// What the journal keeps of it.
[[nodiscard]] ConfigurationSet record_of(const CheckedConfiguration& configuration);

/// Stages the changes from the plug-ins that `former` names to those of a configuration. Drivers' are left alone.
void stage_plugins(const CheckedConfiguration& next, const State& former, std::vector<Record>& records);

}  // namespace ion
