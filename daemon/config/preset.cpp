// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/preset.h"

#include <array>

namespace ion {
namespace {

constexpr std::array<std::string_view, 2> kPresetNames{"aosp", "none"};

/// Ids and names of Android's own dummy driver (kernel 4.9), id = type.
///
/// The system heap is "system" because those who read usage files open `heaps/system`. libdmabufheap wants the
/// name "ion_system_heap" from a modern driver, and Rockchip MPP one that contains "system-heap" or "vmalloc":
/// no name suits all three. For those two, a table gives id 0 another name in a configuration without a preset.
std::vector<HeapConfig> aosp_heaps() {
    HeapConfig system;
    system.id = 0;
    system.type = "system";
    system.name = "system";
    HeapConfig carveout;
    carveout.id = 2;
    carveout.type = "carveout";
    carveout.name = "carveout";
    carveout.base = 0x80000000;
    carveout.size = std::uint64_t{64} << 20;
    std::vector<HeapConfig> heaps{system, carveout};
    for (HeapConfig& heap : heaps) {
        heap.exporters = default_exporters();
        heap.where = "preset \"aosp\"";
    }
    return heaps;
}

}  // namespace

std::span<const std::string_view> preset_names() {
    return kPresetNames;
}

std::optional<std::vector<HeapConfig>> preset_heaps(std::string_view name) {
    if (name == "aosp") {
        return aosp_heaps();
    }
    if (name == "none") {
        return std::vector<HeapConfig>{};
    }
    return std::nullopt;
}

std::vector<ExporterKind> default_exporters() {
    return {ExporterKind::kUdmabuf, ExporterKind::kVgem, ExporterKind::kDmaHeap, ExporterKind::kMemfd};
}

}  // namespace ion
