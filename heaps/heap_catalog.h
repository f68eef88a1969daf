// SPDX-License-Identifier: Apache-2.0
//
// The built-in heap types.

#pragma once

#include <span>

#include "heaps/heap_type.h"

namespace ion {

[[nodiscard]] std::span<const HeapType> builtin_heap_types();

}  // namespace ion
