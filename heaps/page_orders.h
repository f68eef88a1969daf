// SPDX-License-Identifier: Apache-2.0
//
// Page orders: how the kernel's system heap makes a size out of blocks of pages.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "daemon/base/checked_math.h"

namespace ion {

/// The orders that the kernel's system heap allocates, largest first: blocks of 2^order pages.
inline constexpr std::array<unsigned, 3> kPageOrders{8, 4, 0};

/// Blocks of each order, as in kPageOrders.
using PageBlocks = std::array<std::uint64_t, kPageOrders.size()>;

/// Bytes of one block. `index`: into kPageOrders.
[[nodiscard]] constexpr std::uint64_t block_size(std::size_t index) {
    return kPageSize << kPageOrders.at(index);
}

/// Index of the largest order that is not above the size, which is at least a page.
[[nodiscard]] constexpr std::size_t largest_order(std::uint64_t size_bytes) {
    std::size_t index = 0;
    while (block_size(index) > size_bytes) {
        ++index;
    }
    return index;
}

/// The blocks that the kernel takes for a size of whole pages: each of the largest order that is above neither
/// what remains nor the last one.
[[nodiscard]] constexpr PageBlocks split_into_orders(std::uint64_t size_bytes) {
    PageBlocks blocks{};
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        blocks.at(i) = size_bytes / block_size(i);
        size_bytes %= block_size(i);
    }
    return blocks;
}

}  // namespace ion
