// SPDX-License-Identifier: Apache-2.0
//
// `faults`: the rules by which calls are made to fail or to wait, and what each has seen.

#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace ion {

/// How many there are, and a line of words "key=value" for each, in the order in which they are asked.
[[nodiscard]] std::string render_faults(const Snapshot& snapshot);

}  // namespace ion
