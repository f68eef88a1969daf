// SPDX-License-Identifier: Apache-2.0
//
// CommandLine: what iond is told when it is started.

#pragma once

#include <optional>
#include <string>

#include "daemon/base/result.h"

namespace ion {

enum class TransportChoice : std::uint8_t { kAuto, kCuse, kNode };

struct CommandLine {
    std::string config_file;  ///< empty: /etc/iond, or the embedded default
    bool check_config = false;
    bool list_heap_types = false;
    std::string runtime_dir;  ///< empty: /run/ion, or $XDG_RUNTIME_DIR/ion when not root
    TransportChoice transport = TransportChoice::kAuto;
    std::string device_name = "ion";
    std::string usage_mount;  ///< empty: <runtime dir>/debug
    std::string log_level;    ///< empty: as configured
};

/// Parsed options, or the status with which to exit at once (after --help, --version or a mistake, which have
/// been printed).
struct ParsedOptions {
    std::optional<int> exit_status;
    CommandLine options;
};

[[nodiscard]] ParsedOptions parse_options(int argc, const char* const* argv);

}  // namespace ion
