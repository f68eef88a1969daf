// SPDX-License-Identifier: Apache-2.0
//
// Heap: the interface between the daemon's core and a memory provider.
//
// A heap decides where a buffer lies (its placement, in simulated or real physical addresses) and what
// memory stands behind it. It runs on the loop thread; no call may block. Nothing else of a heap is seen by
// the rest of the daemon.
//
// Every operation of the kernel's struct ion_heap_ops has its place here. Those without a default are required:
// a class that lacks one cannot be instantiated, and the compiler names it.

#pragma once

#include <cstddef>
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

/// ION flags of a request that a heap may look at. The low 16 bits belong to the core, the others to heaps.
inline constexpr std::uint32_t kFlagCached = 1;
inline constexpr std::uint32_t kFlagForceContiguous = 1U << 30;  ///< msm
inline constexpr std::uint32_t kFlagSecure = 1U << 31;           ///< msm: memory for protected content

/// What the core asks a heap for.
struct HeapRequest {
    std::uint64_t size_bytes = 0;   ///< multiple of the page size, above 0
    std::uint64_t align_bytes = 0;  ///< as the client gave it; 0 where its ABI has none
    std::uint32_t flags = 0;        ///< kFlag... and others as the client gave them
};

/// One allocation. Destroying it gives the range and the memory back to its heap, which outlives it.
class Backing {
  public:
    Backing() = default;
    Backing(const Backing&) = delete;
    Backing& operator=(const Backing&) = delete;
    virtual ~Backing() = default;

    [[nodiscard]] virtual const Memory& memory() const = 0;

    /// Bytes that clients can map, as requested.
    [[nodiscard]] virtual std::uint64_t size() const = 0;

    /// Where it lies, in the order of its bytes. Empty for a heap whose memory has no addresses (system). May be
    /// more than size() where the heap rounds up (chunk).
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
    std::uint64_t base = 0;          ///< first address of the region
    std::uint64_t total = 0;         ///< size of the region; 0 when it has none (system)
    std::uint64_t allocated = 0;     ///< given out now, as the heap counts it
    std::uint64_t largest_free = 0;  ///< longest free run; 0 when it has no region
    std::uint64_t deferred = 0;      ///< given back, but not yet zeroed; not in `allocated`
    std::uint64_t pooled = 0;        ///< kept, zeroed, for the next allocation
};

/// How a heap's buffers appear in the memory map of its usage file.
enum class MemoryMap : std::uint8_t {
    kNone,          ///< no map: its memory has no addresses
    kRanges,        ///< buffers alone (CMA)
    kRangesAndGaps  ///< buffers, and what is free between them
};

/// Which generation's texts are written: A (hexadecimal totals) or B (pools).
enum class DebugLayout : std::uint8_t { kA, kB };

/// What a client asked for with SYNC, CLEAN_CACHES, INV_CACHES or CLEAN_INV_CACHES.
enum class CacheOperation : std::uint8_t { kSync, kClean, kInvalidate, kCleanInvalidate };

/// A device address space: partitions of domains, as in the msm drivers. The same pair always means the same
/// space. All values in bytes but the two numbers.
struct IommuMapping {
    std::uint32_t domain = 0;
    std::uint32_t partition = 0;
    std::uint64_t align = 4096;  ///< of the device address; a power of two
    std::uint64_t length = 0;    ///< of device addresses; at least the buffer's size, 0 for just that
};

class Heap {
  public:
    Heap() = default;
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;
    virtual ~Heap() = default;

    /// Allocates zeroed memory that nobody else can see. Destroying the Backing is the kernel's `free`.
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

    // What follows has defaults. A Backing given to a heap is always one of its own.

    /// Physical address of a contiguous buffer. Default: of the only range of its placement.
    /// Errors: ENODEV when the heap has no addresses or the buffer is in several ranges.
    [[nodiscard]] virtual Result<std::uint64_t> phys(const Backing& buffer) const;

    /// The scatter list that a device would be given: ranges in the order of the buffer's bytes. Default: the
    /// placement; without addresses, one range with base 0. Each call is undone by one unmap_dma().
    [[nodiscard]] virtual Result<std::vector<PlacedRange>> map_dma(const Backing& buffer);
    virtual void unmap_dma(const Backing& buffer);

    /// The buffer's bytes in this process, until unmap_kernel(). Default: a shared mapping of its memory.
    /// The core calls each once, however often it is mapped. Errors: EAGAIN when it may not be mapped now;
    /// what mmap gives.
    [[nodiscard]] virtual Result<std::span<std::byte>> map_kernel(const Backing& buffer);
    virtual void unmap_kernel(const Backing& buffer, std::span<std::byte> bytes);

    /// Asked before a descriptor of the buffer is handed out while nobody outside has one: from then on
    /// programs can map it without asking. unmap_user() tells that the last one has gone (and is called
    /// before the Backing of such a buffer is destroyed). Default: allowed.
    /// Errors: EAGAIN when it may not be mapped now; others are the client's result as well.
    [[nodiscard]] virtual Result<void> map_user(const Backing& buffer);
    virtual void unmap_user(const Backing& buffer);

    /// Cache maintenance of `length` bytes from `offset`, within the buffer. Default: nothing to do, as memory
    /// of this machine is coherent.
    [[nodiscard]] virtual Result<void> cache_op(const Backing& buffer, CacheOperation operation,
                                                std::uint64_t offset, std::uint64_t length);

    /// Maps the buffer into a device's address space and gives its address there. The core calls it once for a
    /// buffer and space. Errors: ENODEV by default: the heap has none; ENOMEM when the space is full; EINVAL.
    [[nodiscard]] virtual Result<std::uint64_t> map_iommu(const Backing& buffer, const IommuMapping& mapping);
    virtual void unmap_iommu(const Backing& buffer, const IommuMapping& mapping);

    /// True when the heap can be secured: only such heaps are tried for an allocation that asks for protection.
    [[nodiscard]] virtual bool protects_content() const { return false; }

    /// Content protection of the whole heap, counted. Errors: EINVAL by default: the heap has no such method.
    [[nodiscard]] virtual Result<void> secure();
    [[nodiscard]] virtual Result<void> unsecure();

    /// Gives deferred memory, then pooled memory back to the system, whole pieces, until that makes `bytes` (above
    /// 0; UINT64_MAX for everything) or nothing is left. Returns how many bytes it gave: with the last piece it
    /// may be more than asked. Default: there is none.
    virtual std::uint64_t shrink(std::uint64_t bytes);

    /// True when the heap frees late: its usage text then says how much is waiting.
    [[nodiscard]] virtual bool defers_free() const { return false; }

    /// True when shrink() can do anything: the heap then has a `_shrink` file.
    [[nodiscard]] virtual bool can_shrink() const { return false; }

    /// Default: kRangesAndGaps for a heap with addresses.
    [[nodiscard]] virtual MemoryMap memory_map() const;

    /// The heap's own lines at the end of its usage file, before the memory map, each with its newline.
    /// Default: none in B; in A the two totals, `total heap size` for a heap with a region only.
    [[nodiscard]] virtual std::string print_debug(DebugLayout layout) const;

    /// The one descriptor of the heap itself that the next worker must be given when it makes this heap
    /// again, borrowed; -1 when there is none. Constant for the life of the heap.
    [[nodiscard]] virtual int arena_fd() const { return -1; }
};

}  // namespace ion
