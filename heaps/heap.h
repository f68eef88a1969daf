// SPDX-License-Identifier: Apache-2.0
//
// Heap: the interface between the daemon's core and a memory provider.
//
// A heap decides where a buffer lies (its placement, in simulated or real physical addresses) and what
// memory stands behind it. It runs on the loop thread; no call may block. Nothing else of a heap is seen by
// the rest of the daemon.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "heaps/memory.h"

namespace ion {

/// A run of addresses [base, base + size), in bytes, both multiples of the page size.
struct PlacedRange {
    std::uint64_t base = 0;
    std::uint64_t size = 0;
    friend bool operator==(const PlacedRange&, const PlacedRange&) = default;
};

/// What the core asks a heap for.
struct HeapRequest {
    std::uint64_t size_bytes = 0;   ///< multiple of the page size, above 0
    std::uint64_t align_bytes = 0;  ///< as the client gave it; 0 where its ABI has none
    std::uint32_t flags = 0;        ///< ION flags; the low 16 bits belong to the core
};

/// One allocation. Destroying it gives the range and the memory back to its heap, which outlives it.
class Backing {
  public:
    Backing() = default;
    Backing(const Backing&) = delete;
    Backing& operator=(const Backing&) = delete;
    virtual ~Backing() = default;

    [[nodiscard]] virtual const Memory& memory() const = 0;

    /// Where it lies, in address order. Empty for a heap whose memory has no addresses (system).
    [[nodiscard]] virtual std::span<const PlacedRange> placement() const = 0;
};

/// What the journal knows of an allocation made by an earlier worker.
struct RestoreRequest {
    HeapRequest request;
    ExporterKind exporter = ExporterKind::kMemfd;
    UniqueFd memory;  ///< the descriptor, already checked to be the recorded object
    std::vector<PlacedRange> placement;
};

/// Figures of a heap, in bytes.
struct HeapUsage {
    std::uint64_t total = 0;         ///< size of the region; 0 when it has none (system)
    std::uint64_t allocated = 0;     ///< given out now, as the heap counts it
    std::uint64_t largest_free = 0;  ///< longest free run; 0 when it has no region
};

class Heap {
  public:
    Heap() = default;
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;
    virtual ~Heap() = default;

    /// Allocates zeroed memory that nobody else can see.
    ///
    /// Errors: ENOMEM when it does not fit now (`context` tells "full" from "fragmented"), EINVAL when this
    /// heap can never serve the request. The core goes on to the next heap of the mask in either case.
    [[nodiscard]] virtual Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) = 0;

    /// Takes an allocation of an earlier worker over, at the place that it had.
    ///
    /// Errors: EEXIST when the place is taken, EINVAL when it is not of this heap.
    [[nodiscard]] virtual Result<std::unique_ptr<Backing>> restore(RestoreRequest request) = 0;

    [[nodiscard]] virtual HeapUsage usage() const = 0;

    /// True when placements are physical addresses that the ABI shows (carveout), false for system memory.
    [[nodiscard]] virtual bool has_addresses() const = 0;

    /// The one descriptor of the heap itself that the next worker must be given when it makes this heap
    /// again, borrowed; -1 when there is none. Constant for the life of the heap.
    [[nodiscard]] virtual int arena_fd() const { return -1; }
};

}  // namespace ion
