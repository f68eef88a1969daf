// SPDX-License-Identifier: Apache-2.0
//
// FreeRuns: the free runs of a region in address order; finds the lowest one that fits in logarithmic time.

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/base/checked_math.h"
#include "heaps/heap.h"

namespace ion {

/// A treap (a search tree by address whose random priorities keep it balanced) in which every node knows, for
/// each common alignment, the most that fits into one run of its subtree: a search never enters a subtree in
/// vain. Nodes lie in one vector and link by index.
///
/// Every operation takes expected O(log n) for n runs. Only lowest_fit() with more than kMaxAlign may look at
/// more: at the runs that would do for kMaxAlign.
class FreeRuns {
  public:
    /// In bytes. ION clients ask for no more than a section of the page table.
    static constexpr std::uint64_t kMaxAlign = 1 << 20;

    /// Room for `count` runs: until there are more, insert() does not allocate.
    void reserve(std::size_t count);

    /// Adds a run of whole pages, which must not overlap another one.
    void insert(PlacedRange run);

    /// Removes the run that begins at `base`; there must be one.
    void erase(std::uint64_t base);

    /// Makes the run that begins at `base` longer or shorter at either end; there must be one.
    void resize(std::uint64_t base, PlacedRange run);

    /// The lowest run that holds `size` bytes, above 0, from a multiple of `align`, a power of two that is not
    /// less than a page.
    [[nodiscard]] std::optional<PlacedRange> lowest_fit(std::uint64_t size, std::uint64_t align) const;

    /// The last run that begins at or below `address`.
    [[nodiscard]] std::optional<PlacedRange> at_or_below(std::uint64_t address) const;

    /// Bytes of the longest run; 0 without runs.
    [[nodiscard]] std::uint64_t longest() const { return nodes_[root_].fits[0]; }

    [[nodiscard]] std::size_t count() const { return count_; }

  private:
    using Index = std::uint32_t;
    static constexpr Index kNone = 0;  ///< nodes_[0] is the empty tree: nothing fits, no children
    /// One for each power of two from a page to kMaxAlign.
    static constexpr std::size_t kAlignments = std::countr_zero(kMaxAlign / kPageSize) + 1;

    /// Bytes that can be had, by alignment.
    using Fits = std::array<std::uint64_t, kAlignments>;

    struct Node {
        PlacedRange run;
        Fits fits{};                 ///< in the best run of this subtree for each alignment
        std::uint64_t priority = 0;  ///< none below has a higher one
        Index left = kNone;
        Index right = kNone;
    };
    struct Pair {
        Index low = kNone;
        Index high = kNone;
    };

    [[nodiscard]] Index new_node(PlacedRange run);
    void update(Index tree);
    [[nodiscard]] Index remove(Index tree, std::uint64_t base);
    void change(Index tree, std::uint64_t base, const PlacedRange& run);
    [[nodiscard]] Pair split(Index tree, std::uint64_t base);
    [[nodiscard]] Index merge(Index low, Index high);
    [[nodiscard]] Index search(Index tree, std::uint64_t size, std::uint64_t align, std::size_t known) const;

    std::vector<Node> nodes_ = std::vector<Node>(1);
    Index root_ = kNone;
    Index unused_ = kNone;  ///< list of erased nodes, linked by `left`
    std::size_t count_ = 0;
    std::uint64_t random_state_ = 0;
};

}  // namespace ion
