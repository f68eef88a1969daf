// SPDX-License-Identifier: Apache-2.0
//
// CarveoutHeap: contiguous ranges of one region of addresses.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/arena.h"
#include "heaps/exporter_chain.h"
#include "heaps/heap.h"
#include "heaps/range_allocator.h"

namespace ion {

/// Places as the kernel's carveout heap: first fit from the lowest address, in pages.
///
/// Alignment: the larger of the heap's own and the request's, applied to the address. This is what generation
/// A does. Generation B refuses more than a page; that it is granted here too breaks no program. EINVAL when
/// the request's is no power of two or exceeds the region.
///
/// Memory: when one of the exporters can carve, the region is an arena and each buffer of that exporter *is*
/// its range of it. Memory of other exporters is separate, and its placement bookkeeping.
class CarveoutHeap final : public Heap {
  public:
    /// `region`: whole pages, neither base nor size 0. `align`: bytes, a power of two. `arena`: arena_fd() of
    /// this heap in an earlier worker, or nothing. It is closed, and arena_fd() is another one or none, when the
    /// region's size has changed or nobody carves any more; buffers carved from it keep their pages.
    ///
    /// Errors: EINVAL for such a region or alignment; what making an arena gives.
    [[nodiscard]] static Result<std::unique_ptr<Heap>> create(PlacedRange region, std::uint64_t align,
                                                              ExporterChain exporters, UniqueFd arena);

    [[nodiscard]] Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override;
    [[nodiscard]] Result<std::unique_ptr<Backing>> restore(RestoreRequest request) override;
    [[nodiscard]] HeapUsage usage() const override;
    [[nodiscard]] bool has_addresses() const override { return true; }
    [[nodiscard]] int arena_fd() const override { return arena_ ? arena_->fd() : -1; }

  private:
    class Allocation;

    CarveoutHeap(PlacedRange region, std::uint64_t align, ExporterChain exporters,
                 std::optional<Arena> arena);

    [[nodiscard]] Result<std::unique_ptr<Memory>> make_memory(const PlacedRange& range);
    void give_back(const PlacedRange& range);

    std::uint64_t align_;
    ExporterChain exporters_;
    std::optional<Arena> arena_;
    RangeAllocator ranges_;
};

}  // namespace ion
