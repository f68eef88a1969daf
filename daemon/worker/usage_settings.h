// SPDX-License-Identifier: Apache-2.0
//
// What [usage] of a configuration means on this machine.

#pragma once

#include <cstdint>

#include "daemon/config/config.h"
#include "daemon/usage/tree.h"

namespace ion {

struct UsageSettings {
    Layouts layouts;
    std::uint32_t group = 0;         ///< of the files; its members see everybody's details
    std::uint32_t mode_mask = 0777;  ///< of their permissions
    bool hide_others = false;
    std::uint64_t growth = 0;  ///< GrowthRule's limit
};

/// A group that does not exist is reported in the log, and root's is taken: nobody sees more than was meant.
[[nodiscard]] UsageSettings usage_settings(const Config& config);

}  // namespace ion
