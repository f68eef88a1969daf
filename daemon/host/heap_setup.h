// SPDX-License-Identifier: Apache-2.0
//
// Makes the configured heaps, with the arenas that a former worker left.

#pragma once

#include "daemon/base/activity.h"
#include "daemon/config/config.h"
#include "daemon/core/heap_set.h"
#include "daemon/core/state.h"
#include "heaps/scrubber.h"
#include "plugins/plugin_set.h"

namespace ion {

/// What heaps are made with; all of it outlives them.
struct HeapSurroundings {
    Scrubber* scrubber = nullptr;  ///< null when there is none
    Activity* activity =
        nullptr;  ///< tells what code of a plug-in runs; may be null where there are no plug-ins
};

/// Makes one heap of a configuration, of a type of `plugins`. `arena`: the heap's in an earlier worker, or nothing.
///
/// Errors: what the heap says about its configuration, with its place and name.
[[nodiscard]] Result<RegisteredHeap> make_heap(const Config& config, const PluginSet& plugins,
                                               const HeapConfig& one, UniqueFd arena,
                                               const HeapSurroundings& surroundings);

/// Makes all but those whose bit is in `abandoned`. Errors: those of make_heap().
[[nodiscard]] Result<HeapSet> make_heaps(const Config& config, const PluginSet& plugins, const State& former,
                                         std::uint64_t abandoned, const HeapSurroundings& surroundings);

/// Stages the arenas that `former` does not know yet.
std::vector<Record> new_arenas(const HeapSet& heaps, const State& former);

}  // namespace ion
