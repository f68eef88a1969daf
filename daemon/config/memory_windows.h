// SPDX-License-Identifier: Apache-2.0
//
// The simulated memories that heaps without a base are placed in.

#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "daemon/config/document.h"

namespace ion {

/// In the order of enum MemoryType.
inline constexpr std::array<std::string_view, kMemoryTypes> kMemoryTypeNames{"ebi", "smi"};

/// What the documents say, later ones overriding earlier ones, upon the defaults: both below 4 GiB, so that
/// addresses fit the `unsigned long` of a 32-bit caller; smi where msm8x60 has it.
///
/// They may overlap: heaps never do. Errors: EINVAL for a window that wraps.
[[nodiscard]] Result<MemoryWindows> memory_windows(std::span<const Document> documents);

}  // namespace ion
