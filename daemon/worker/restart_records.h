// SPDX-License-Identifier: Apache-2.0
//
// What a new worker commits before it serves: that which the former one's death, or a first start, has changed.

#pragma once

#include <vector>

#include "daemon/core/heap_set.h"
#include "daemon/core/state.h"
#include "daemon/worker/checked_configuration.h"

namespace ion {

/// `former`: the state that the journal describes. Closes the sockets of injectors that have nothing to tell: new ones
/// take their places.
[[nodiscard]] std::vector<Record> restart_records(const State& former, const HeapSet& heaps,
                                                  const CheckedConfiguration& served);

}  // namespace ion
