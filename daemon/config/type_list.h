// SPDX-License-Identifier: Apache-2.0
//
// The heap types and their options as a text for people (`iond --list-heap-types`).

#pragma once

#include <span>
#include <string>

#include "heaps/heap_type.h"

namespace ion {

/// A paragraph for each type: names, the numbers that callers see, whether it lies in a region; then a line for
/// each option with kind, default, range and help.
[[nodiscard]] std::string heap_type_list(std::span<const HeapType> types);

}  // namespace ion
