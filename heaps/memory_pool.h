// SPDX-License-Identifier: Apache-2.0
//
// MemoryPool: memory given back, on its way to the next buffer of the same size: waiting to be zeroed or replaced (the
// kernel's "deferred free"), then kept (its page pools).

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "heaps/memory.h"
#include "heaps/page_orders.h"
#include "heaps/scrubber.h"

namespace ion {

/// What a pool may hold, deferred and pooled together.
struct PoolLimits {
    std::uint64_t bytes = 0;    ///< 0: nothing is ever kept
    std::uint64_t largest = 0;  ///< bytes of a single piece
    std::size_t pieces = 0;     ///< each costs a descriptor
};

/// Holds whole pieces of exported memory: no piece is ever divided. Only what has come back from the scrubber, every
/// byte 0, is given out. The loop thread only; the scrubber outlives it, and may outlive what it is still zeroing.
class MemoryPool final : public std::enable_shared_from_this<MemoryPool> {
  public:
    using Probe = bool (*)(const Memory&);

    /// `scrubber`: null keeps nothing. `recyclable`: asked once for each exporter whose memory comes back; as the
    /// function of that name in recyclable.h. Memory that is not is replaced if it is a memfd, else let go.
    [[nodiscard]] static std::shared_ptr<MemoryPool> create(Scrubber* scrubber, PoolLimits limits,
                                                            Probe recyclable);

    /// Takes memory over, to keep it or to let it go at once: when it cannot be kept safely, exceeds the limits
    /// by itself, or descriptors are scarce. What is kept longest leaves for it; but nothing leaves for a memfd while
    /// there is another piece that serves as well.
    void put(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, bool cached);

    /// Zeroed memory of exactly this size, the one kept longest; null when there is none.
    [[nodiscard]] std::unique_ptr<Memory> take(std::uint64_t size_bytes, bool cached);

    /// As Heap::shrink(): what waits to be zeroed, then what is kept, large orders first. The piece at the scrubber
    /// is out of reach.
    std::uint64_t shrink(std::uint64_t bytes);

    [[nodiscard]] std::uint64_t deferred_bytes() const;
    [[nodiscard]] std::uint64_t pooled_bytes() const;

    /// The kept pieces, as the kernel would have made them from pages.
    [[nodiscard]] PageBlocks pooled_blocks(bool cached) const;

  private:
    /// How memory becomes fit for another user.
    enum class Renewal : std::uint8_t { kNone, kZero, kReplace };

    struct Piece {
        std::unique_ptr<Memory> memory;
        std::uint64_t size = 0;
        bool cached = false;
        Renewal renewal = Renewal::kNone;

        [[nodiscard]] bool fits(std::uint64_t size_bytes, bool for_cached) const {
            return size == size_bytes && cached == for_cached;
        }
    };

    MemoryPool(Scrubber* scrubber, PoolLimits limits, Probe recyclable)
        : scrubber_(scrubber), limits_(limits), recyclable_(recyclable) {}

    [[nodiscard]] bool may_be_kept(const Memory& memory, std::uint64_t size_bytes);
    [[nodiscard]] Renewal renewal_of(const Memory& memory);
    [[nodiscard]] bool has_one_for(std::uint64_t size_bytes, bool cached) const;
    [[nodiscard]] bool exceeded_by(std::uint64_t size_bytes) const;
    [[nodiscard]] bool make_room(std::uint64_t size_bytes);
    void scrub_next();
    void scrubbed(std::unique_ptr<Memory> memory);

    Scrubber* scrubber_;
    PoolLimits limits_;
    Probe recyclable_;
    std::map<ExporterKind, bool> recyclable_kinds_;
    std::deque<Piece> waiting_;       // each: the oldest first
    std::optional<Piece> scrubbing_;  // without its memory, which the scrubber has
    std::deque<Piece> pooled_;
};

}  // namespace ion
