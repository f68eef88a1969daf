// SPDX-License-Identifier: Apache-2.0
//
// The built-in heap types.

#pragma once

#include <span>
#include <string_view>

#include "heaps/heap_type.h"

namespace ion {

[[nodiscard]] std::span<const HeapType> builtin_heap_types();

/// Null when there is no such type.
[[nodiscard]] const HeapType* find_heap_type(std::span<const HeapType> types, std::string_view name);

}  // namespace ion
