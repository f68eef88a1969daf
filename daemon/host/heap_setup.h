// SPDX-License-Identifier: Apache-2.0
//
// Makes the configured heaps, with the arenas that a former worker left.

#pragma once

#include "daemon/config/config.h"
#include "daemon/core/heap_set.h"
#include "daemon/core/state.h"

namespace ion {

/// Errors: what a heap says about its configuration, with its name.
Result<HeapSet> make_heaps(const Config& config, const State& former);

/// Stages the arenas that `former` does not know yet.
std::vector<Record> new_arenas(const HeapSet& heaps, const State& former);

}  // namespace ion
