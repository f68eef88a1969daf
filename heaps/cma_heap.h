// SPDX-License-Identifier: Apache-2.0
//
// CmaHeap: the kernel's DMA heap over a contiguous memory area.

#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "heaps/heap_type.h"
#include "heaps/region_heap.h"

namespace ion {

/// A RegionHeap of a CmaPlacer. In generation A every failure is the literal -1 of its driver, which is EPERM, and
/// the alignment asked for is not looked at. The usage text is the memory map alone, without free ranges.
class CmaHeap final : public RegionHeap {
  public:
    CmaHeap(Parts parts, bool generation_a) : RegionHeap(std::move(parts)), generation_a_(generation_a) {}

    [[nodiscard]] Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override;
    [[nodiscard]] MemoryMap memory_map() const override { return MemoryMap::kRanges; }
    [[nodiscard]] std::string print_debug(DebugLayout /*layout*/) const override { return {}; }

  private:
    bool generation_a_;
};

inline constexpr std::array kCmaOptions{
    OptionSpec{.name = "order_per_bit",
               .kind = OptionKind::kInteger,
               .initial = std::uint64_t{0},
               .minimum = 0,
               .maximum = 10,
               .help = "2^n pages are given out at a time"},
    OptionSpec{.name = "cma_alignment",
               .kind = OptionKind::kInteger,
               .initial = std::uint64_t{8},
               .minimum = 0,
               .maximum = 12,
               .help = "buffers are aligned to their size, but to no more than 2^n pages"},
    OptionSpec{.name = "zones",
               .kind = OptionKind::kText,
               .initial = std::string_view("4G"),
               .help = "addresses at which a memory zone begins; an area that crosses one is dropped"},
    OptionSpec{.name = "busy",
               .kind = OptionKind::kText,
               .initial = std::string_view(),
               .help = "ranges whose pages cannot be moved, as \"0x2d400000+64K,0x2e000000+1M\""},
};

/// Of the parameters' region and kCmaOptions. An area that spans zones is logged and makes a heap without memory.
///
/// Errors: EINVAL for a region that is none or not of whole 2^order_per_bit pages, and for option texts that are
/// none; else as make_region_parts().
[[nodiscard]] Result<std::unique_ptr<Heap>> make_cma_heap(HeapParameters parameters);

}  // namespace ion
