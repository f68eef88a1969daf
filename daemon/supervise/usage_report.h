// SPDX-License-Identifier: Apache-2.0
//
// All usage texts one after the other, as `head -v` would show the usage mount's files.

#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace ion {

[[nodiscard]] std::string usage_report(const Snapshot& snapshot);

}  // namespace ion
