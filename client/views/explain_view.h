// SPDX-License-Identifier: Apache-2.0
//
// A refused allocation in plain words: who asked, which limit was hit, who held the memory, what to do.

#pragma once

#include <string>

#include "client/usage/refusals.h"
#include "client/views/json.h"

namespace ion::views {

/// What stood in the way.
enum class Limit {
    kNoHeap,       ///< no heap has a number of the mask
    kRequest,      ///< the request itself: its length or alignment
    kSize,         ///< more than the heap has in all
    kFree,         ///< more than is free
    kLongestRun,   ///< enough is free, but not in one piece
    kDescriptors,  ///< a descriptor table
    kProtection,   ///< the state of a protected heap
    kMemory,       ///< of the machine
    kOther,        ///< what the reason says
};

/// The limit that the last heap gave as its reason.
[[nodiscard]] Limit limit_of(const usage::Refusal& refusal);

[[nodiscard]] std::string explain_text(const usage::Refusal& refusal);
[[nodiscard]] Json explain_json(const usage::Refusal& refusal);

}  // namespace ion::views
