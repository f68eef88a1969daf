// SPDX-License-Identifier: Apache-2.0
//
// Heap types: which names a configuration may use, and the number of each in the caller's ABI.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "daemon/config/config.h"

namespace ion {

/// Types that a [[heap]] table may name.
[[nodiscard]] std::span<const std::string_view> configurable_heap_types();

/// Value of `enum ion_heap_type` for a type name; nullopt where that ABI has no such type.
///
/// The numbers are those of the kernel headers: mainline 3.14 to 4.11 (and the query structure of 4.12 on) for
/// every personality but msm-3.4, whose header puts IOMMU and CP before DMA.
[[nodiscard]] std::optional<std::uint32_t> heap_type_number(std::string_view type, Personality personality);

}  // namespace ion
