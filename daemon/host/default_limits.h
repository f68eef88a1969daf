// SPDX-License-Identifier: Apache-2.0
//
// The limits that hold where the configuration says nothing: no client and no user takes everything from the others.

#pragma once

#include <cstdint>

#include "daemon/config/config.h"
#include "daemon/core/limits.h"

namespace ion {

/// What there is to share.
struct SharedMeans {
    std::uint64_t memory_bytes = 0;
    std::uint64_t descriptors = 0;  ///< one for each buffer

    /// Of this machine and this process.
    [[nodiscard]] static SharedMeans here();
};

/// As configured, otherwise as docs/configuration.md, "Limits", has them.
[[nodiscard]] Limits limits_with_defaults(const LimitSettings& settings, const SharedMeans& means);

}  // namespace ion
