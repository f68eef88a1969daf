// SPDX-License-Identifier: Apache-2.0
//
// Presets: the heaps of well-known devices, by name.

#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/config/config.h"

namespace ion {

/// Names that `preset = "..."` may have; the first is the default.
[[nodiscard]] std::span<const std::string_view> preset_names();

/// Heaps of a preset, ascending id; nullopt for an unknown name. "none" has no heaps.
[[nodiscard]] std::optional<std::vector<HeapConfig>> preset_heaps(std::string_view name);

/// Exporters of a heap that names none: real dma-bufs first, the memfd that works everywhere last.
[[nodiscard]] std::vector<ExporterKind> default_exporters();

}  // namespace ion
