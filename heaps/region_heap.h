// SPDX-License-Identifier: Apache-2.0
//
// RegionHeap: a heap over one region of addresses, with the algorithm of a Placer.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/arena.h"
#include "heaps/exporter_chain.h"
#include "heaps/heap.h"
#include "heaps/placer.h"

namespace ion {

/// Memory: when one of the exporters can carve, the region is an arena and each buffer of that exporter *is*
/// its ranges of it. Memory of other exporters is separate, and its placement bookkeeping.
class RegionHeap : public Heap {
  public:
    struct Parts {
        PlacedRange region;  ///< whole pages, neither base nor size 0
        std::unique_ptr<Placer> placer;
        ExporterChain exporters;
        std::optional<Arena> arena;  ///< of the region's size; there is one exactly when `exporters` carve
    };

    /// Makes the arena if there is to be one. `arena`: arena_fd() of this heap in an earlier worker, or nothing. It
    /// is closed when the region's size has changed or nobody carves any more; buffers carved from it keep
    /// their pages.
    ///
    /// Errors: what making an arena gives.
    [[nodiscard]] static Result<Parts> prepare(PlacedRange region, std::unique_ptr<Placer> placer,
                                               ExporterChain exporters, UniqueFd arena);

    /// `parts`: from prepare().
    explicit RegionHeap(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override;
    [[nodiscard]] Result<std::unique_ptr<Backing>> restore(RestoreRequest request) override;
    [[nodiscard]] HeapUsage usage() const override;
    [[nodiscard]] bool has_addresses() const override { return true; }
    [[nodiscard]] int arena_fd() const override { return parts_.arena ? parts_.arena->fd() : -1; }

  private:
    class Allocation;

    [[nodiscard]] Result<std::unique_ptr<Memory>> make_memory(std::uint64_t size,
                                                              std::span<const PlacedRange> placement);
    void give_back(std::span<const PlacedRange> placement);

    Parts parts_;
};

}  // namespace ion
