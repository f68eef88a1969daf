// SPDX-License-Identifier: Apache-2.0
//
// IovaSpaces: the addresses of simulated devices, by domain and partition, as the msm drivers divide them.

#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "daemon/base/result.h"
#include "heaps/heap.h"
#include "heaps/range_allocator.h"

namespace ion {

/// Every domain has the same partitions, one behind the other from the base on. First fit within a partition.
class IovaSpaces {
  public:
    struct Layout {
        std::uint32_t domains = 0;
        std::uint32_t partitions = 0;      ///< in each domain
        std::uint64_t base = 0;            ///< of partition 0, in bytes; whole pages
        std::uint64_t partition_size = 0;  ///< bytes; whole pages. The last one's end does not wrap.
    };

    explicit IovaSpaces(Layout layout) : layout_(layout) {}

    /// Takes device addresses for a buffer of `buffer_size` bytes.
    ///
    /// Errors: EINVAL for a domain or partition that there is not, a length below the buffer's or not of whole
    /// pages, an alignment that is no power of two; ENOMEM when the partition has no room.
    [[nodiscard]] Result<PlacedRange> take(const IommuMapping& mapping, std::uint64_t buffer_size);

    /// Gives back what take() gave for the same domain and partition.
    void release(std::uint32_t domain, std::uint32_t partition, const PlacedRange& range);

  private:
    using Space = std::pair<std::uint32_t, std::uint32_t>;  // domain, partition

    RangeAllocator& space(std::uint32_t domain, std::uint32_t partition);

    Layout layout_;
    std::map<Space, RangeAllocator> spaces_;  // those used so far
};

}  // namespace ion
