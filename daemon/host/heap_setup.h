// SPDX-License-Identifier: Apache-2.0
//
// Makes the configured heaps, with the arenas that a former worker left.

#pragma once

#include "daemon/config/config.h"
#include "daemon/core/heap_set.h"
#include "daemon/core/state.h"
#include "heaps/scrubber.h"

namespace ion {

/// `scrubber`: outlives the heaps; null when there is none. Errors: what a heap says about its configuration, with
/// its name.
Result<HeapSet> make_heaps(const Config& config, const State& former, Scrubber* scrubber);

/// Stages the arenas that `former` does not know yet.
std::vector<Record> new_arenas(const HeapSet& heaps, const State& former);

}  // namespace ion
