// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/preset.h"

#include <array>

namespace ion {
namespace {

// Heaps and ids of Android's own dummy driver (kernel 4.9) and of the boards that have a DMA heap beside them: id = type,
// chunks of 16 KiB. Its carveout and chunk heap have 4 MiB; a real region is taken from the machine, one of these costs
// nothing until it is used. What it calls "system contig" is one word here, as all names are.
//
// The system heap is "system" because those who read usage files open `heaps/system`. libdmabufheap wants the
// name "ion_system_heap" from a modern driver, and Rockchip MPP one that contains "system-heap" or "vmalloc":
// no name suits all three. For those two, a table gives id 0 another name in a configuration without a preset.
constexpr std::string_view kAosp = R"(
[[heap]]
id = 0
type = "system"
name = "system"
[[heap]]
id = 1
type = "system_contig"
name = "system_contig"
[[heap]]
id = 2
type = "carveout"
name = "carveout"
size = "64M"
[[heap]]
id = 3
type = "chunk"
name = "chunk"
size = "64M"
[heap.options]
chunk_size = "16K"
[[heap]]
id = 4
type = "cma"
name = "cma"
size = "64M"
)";

// Board table and sizes of the msm8x25 tree (kernel 3.4), and the heap that its secure world's drivers ask for.
// Camera memory is CMA where the kernel has that configured. Heap 27 has a fixed base: it is what the boot loader leaves.
constexpr std::string_view kMsm8x25q = R"(
personality = "msm-3.4"
[[heap]]
id = 30
type = "system"
name = "vmalloc"
[[heap]]
id = 20
type = "cma"
name = "camera_preview"
size = 0x1200000
[[heap]]
id = 28
type = "carveout"
name = "audio"
size = 0x1f4000
[[heap]]
id = 24
type = "carveout"
name = "sf"
size = 0x2300000
[[heap]]
id = 27
type = "carveout"
name = "bl_mem_audio"
base = 0x10000
size = 0x3a000
[[heap]]
id = 26
type = "carveout"
name = "qsecom"
size = "1M"
)";

constexpr std::array<std::string_view, 3> kNames{"aosp", "msm8x25q", "none"};

}  // namespace

std::span<const std::string_view> preset_names() {
    return kNames;
}

std::string_view preset_text(std::string_view name) {
    if (name == "aosp") {
        return kAosp;
    }
    return name == "msm8x25q" ? kMsm8x25q : "";
}

}  // namespace ion
