// SPDX-License-Identifier: Apache-2.0
//
// `refusals`: the last allocations that were refused, and why.

#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace ion {

/// The newest first. For each: number, time (UTC), who, what was asked, the errno, the reason, the state of every
/// heap that was asked, and who held most of them.
[[nodiscard]] std::string render_refusals(const Snapshot& snapshot);

}  // namespace ion
