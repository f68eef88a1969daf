// SPDX-License-Identifier: Apache-2.0
//
// Loading: which files make the configuration. The only part of this layer that reads files.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/config/config.h"

namespace ion {

/// Where the system's configuration lies.
inline constexpr const char* kConfigDirectory = "/etc/iond";

/// Which files make the configuration.
struct ConfigPaths {
    std::string file{};                       ///< this one and nothing else; empty: those of the directory
    std::string directory{kConfigDirectory};  ///< iond.toml, then iond.d/*.toml in byte order of their names
};

/// The texts, in the order in which they apply; none when there is no file in the directory. Drop-in names that
/// begin with a dot are left out.
///
/// Errors: those of open and read, of reading the directory, EFBIG above 1 MiB.
[[nodiscard]] Result<std::vector<ConfigText>> read_config_texts(const ConfigPaths& paths);

/// The configuration in those texts. Errors: as read_config_texts() and parse_config().
[[nodiscard]] Result<Config> load_config(const ConfigPaths& paths, std::span<const HeapType> types);

}  // namespace ion
