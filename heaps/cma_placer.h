// SPDX-License-Identifier: Apache-2.0
//
// CmaPlacer: contiguous ranges as the kernel's contiguous memory allocator (mm/cma.c) places them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "heaps/bitmap.h"
#include "heaps/placer.h"

namespace ion {

/// What an area is made from. Addresses and sizes in bytes.
struct CmaArea {
    PlacedRange region;                  ///< base and size multiples of a page << order_per_bit
    std::uint32_t order_per_bit = 0;     ///< each bit of the map stands for 2^n pages
    std::uint32_t max_align_order = 8;   ///< CONFIG_CMA_ALIGNMENT: no range is aligned to more than 2^n pages
    std::vector<std::uint64_t> zones{};  ///< addresses at which another memory zone begins
};

/// The area lends its pages to programs while no buffer needs them; those of a range that is to be a buffer have
/// to move away first. Here nobody uses them, so that is simulated.
///
/// A search takes O(pages / 64 / 2^order_per_bit), and goes on from where it is for each busy range that it meets.
class CmaPlacer final : public Placer {
  public:
    /// Moves everything out of a range: 0 when that is done; EBUSY when something cannot move now, and the search
    /// goes on behind it; any other errno ends the search.
    using Migrate = std::function<int(const PlacedRange&)>;

    /// Activates the area. One that is in several zones is dropped, as the kernel does it: it has no pages, and no
    /// request can be met.
    CmaPlacer(CmaArea area, Migrate migrate);

    [[nodiscard]] bool activated() const { return bits_.size() != 0; }

    /// One range, aligned to the order of its size (an absolute address, at most max_align_order). What a request
    /// asks for beyond a page is EINVAL: the kernel's heap cannot pass it on.
    [[nodiscard]] Result<std::vector<PlacedRange>> place(const HeapRequest& request) override;
    [[nodiscard]] Result<void> take(const HeapRequest& request, std::span<const PlacedRange> ranges) override;
    void release(std::span<const PlacedRange> ranges) override;
    [[nodiscard]] HeapUsage usage() const override;

  private:
    [[nodiscard]] std::uint64_t bit_bytes() const;
    [[nodiscard]] std::optional<std::uint64_t> bits_for(std::uint64_t size) const;
    [[nodiscard]] PlacedRange range_of(std::size_t first, std::size_t count) const;
    [[nodiscard]] std::size_t first_bit(const PlacedRange& range) const;
    [[nodiscard]] Error no_fit(std::uint64_t size, std::size_t busy_ranges) const;
    void mark(std::size_t first, std::size_t count);

    CmaArea area_;
    Migrate migrate_;
    Bitmap bits_;  ///< set: taken; no bits when the area was dropped
    std::size_t taken_ = 0;
};

}  // namespace ion
