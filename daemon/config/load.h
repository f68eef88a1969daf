// SPDX-License-Identifier: Apache-2.0
//
// Loading: which files make the configuration. The only part of this layer that reads files.

#pragma once

#include <string>

#include "daemon/config/config.h"

namespace ion {

/// Where the system's configuration lies.
inline constexpr const char* kConfigDirectory = "/etc/iond";

/// The configuration in one file, and nothing else (`--config FILE`).
///
/// Errors: those of open and read, EFBIG above 1 MiB, and those of parse_config().
[[nodiscard]] Result<Config> load_config_file(const std::string& path);

/// `directory`/iond.toml, then `directory`/iond.d/*.toml in byte order of their names, later ones overriding
/// earlier ones. Names that begin with a dot are left out. default_config() when none of them exists.
///
/// Errors: as load_config_file(), and those of reading the directory.
[[nodiscard]] Result<Config> load_config_directory(const std::string& directory = kConfigDirectory);

}  // namespace ion
