// SPDX-License-Identifier: Apache-2.0
//
// Placer: decides where the buffers of one region of addresses lie. Most new heaps are one of these: RegionHeap
// makes a whole heap of it.

#pragma once

#include <span>
#include <vector>

#include "daemon/base/result.h"
#include "heaps/heap.h"

namespace ion {

/// Pure bookkeeping; it sees no memory. The loop thread only.
class Placer {
  public:
    Placer() = default;
    Placer(const Placer&) = delete;
    Placer& operator=(const Placer&) = delete;
    virtual ~Placer() = default;

    /// Chooses free ranges, in the order of the buffer's bytes, that hold request.size_bytes together; they may
    /// hold more where the algorithm rounds up. They are taken until release().
    ///
    /// Errors: ENOMEM when it does not fit now (`context` tells "full" from "fragmented"), EINVAL when the
    /// request can never be placed; generation A's CMA has EPERM.
    [[nodiscard]] virtual Result<std::vector<PlacedRange>> place(const HeapRequest& request) = 0;

    /// Takes exactly the ranges that place() gave an earlier worker for this request. Takes all or none.
    ///
    /// Errors: EEXIST when one of them is taken, EINVAL when place() could not have given them.
    [[nodiscard]] virtual Result<void> take(const HeapRequest& request,
                                            std::span<const PlacedRange> ranges) = 0;

    /// Gives back what one place() or take() gave, whole.
    virtual void release(std::span<const PlacedRange> ranges) = 0;

    /// total, allocated and largest_free.
    [[nodiscard]] virtual HeapUsage usage() const = 0;
};

}  // namespace ion
