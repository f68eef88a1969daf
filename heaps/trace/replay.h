// SPDX-License-Identifier: Apache-2.0
//
// Replay: a trace against a heap, and what can be said of the heap afterwards.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "heaps/heap.h"
#include "heaps/trace/trace.h"

namespace ion {

/// A buffer in the address space, for as long as it lived.
struct PlacedBuffer {
    std::uint64_t from_ns = 0;
    std::uint64_t until_ns = 0;
    PlacedRange range;  ///< one of its ranges
    std::string client;
};

/// Times in nanoseconds.
struct OperationTimes {
    std::uint64_t median = 0;
    std::uint64_t p99 = 0;
};

struct ReplayFigures {
    std::uint64_t allocations = 0;  ///< asked for
    std::uint64_t failures = 0;     ///< of those, refused
    std::uint64_t peak = 0;         ///< largest HeapUsage::allocated, bytes: what the heap took
    std::uint64_t peak_asked = 0;   ///< largest sum of the sizes of live buffers, bytes
    /// 1 - largest free run / free bytes, after each event: 0 when what is free is in one piece, or nothing is.
    double worst_fragmentation = 0;
    double mean_fragmentation = 0;
    OperationTimes allocate;  ///< refused ones included
    OperationTimes free;
};

struct Replayed {
    ReplayFigures figures;
    std::vector<PlacedBuffer> buffers;     ///< none for a heap without addresses
    std::vector<std::uint64_t> failed_ns;  ///< when an allocation was refused
    std::uint64_t end_ns = 0;
};

/// Nanoseconds of a clock that only goes forwards.
using Clock = std::function<std::uint64_t()>;

/// Allocates and frees as the trace says, as fast as it goes. Sizes are rounded up to pages. Buffers that the trace
/// does not free live to its end.
[[nodiscard]] Replayed replay(const Trace& trace, Heap& heap, const Clock& clock);

}  // namespace ion
