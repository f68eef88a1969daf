// SPDX-License-Identifier: Apache-2.0
//
// The platform's part of the heaps: where each region lies. As msm's probe does it, in a simulated memory.

#pragma once

#include <span>

#include "daemon/config/config.h"

namespace ion {

/// Gives a base to each heap that has a size and none yet, and sets `secured`.
///
/// A heap that names an adjacent one and that neighbour are one block: the heap has the block's base, the neighbour
/// lies right behind it, and protection of the neighbour covers both. Blocks of two find their place before all
/// others, then those of one, each kind by ascending id. So the places depend on ids, sizes, alignments and what
/// lies at fixed bases, and never on the order of tables. The same heaps always get the same places, and a heap
/// more moves none of a lower id.
///
/// Errors: EINVAL, as parse_config() has them, for heaps at fixed bases that overlap, for a neighbour that cannot
/// be one, and for a heap that finds no room in its memory.
[[nodiscard]] Result<void> place_heaps(std::span<HeapConfig> heaps, const MemoryWindows& windows);

}  // namespace ion
