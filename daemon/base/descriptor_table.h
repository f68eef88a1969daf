// SPDX-License-Identifier: Apache-2.0
//
// The process's table of descriptors as a whole.

#pragma once

#include <vector>

namespace ion {

/// Closes every descriptor that is not in `keep` (any order; negative numbers are passed over). Opens nothing, so
/// it works with a full table.
void close_all_but(std::vector<int> keep);

}  // namespace ion
