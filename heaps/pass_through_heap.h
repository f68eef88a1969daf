// SPDX-License-Identifier: Apache-2.0
//
// The heap type "dma_heap": every buffer comes from one dma-heap of the kernel.

#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "daemon/base/result.h"
#include "heaps/heap_type.h"

namespace ion {

/// An UnplacedHeap whose only exporter is /dev/dma_heap/DEVICE; HeapParameters::exporters are not used. Pools and
/// late frees are that heap's own business.
///
/// Errors: EINVAL for a device that is no name, ENODEV and EACCES when it cannot be opened.
[[nodiscard]] Result<std::unique_ptr<Heap>> make_pass_through_heap(HeapParameters parameters);

/// HeapType::options of "dma_heap".
inline constexpr std::array kPassThroughOptions{
    OptionSpec{.name = "device",
               .kind = OptionKind::kText,
               .initial = std::string_view("system"),
               .help = "name of the kernel's heap, a file of /dev/dma_heap"},
};

}  // namespace ion
