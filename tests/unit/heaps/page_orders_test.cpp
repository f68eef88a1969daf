// SPDX-License-Identifier: Apache-2.0

#include "heaps/page_orders.h"

#include <gtest/gtest.h>

namespace ion {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

/// The kernel's own words: one block after the other, each of the largest order that is not above what remains nor
/// above the last.
PageBlocks by_the_kernels_loop(std::uint64_t size) {
    PageBlocks blocks{};
    std::size_t last = 0;
    while (size != 0) {
        while (block_size(last) > size) {
            ++last;
        }
        ++blocks.at(last);
        size -= block_size(last);
    }
    return blocks;
}

TEST(PageOrders, AreBlocksOfOneMiB64KiBAndAPage) {
    EXPECT_EQ(block_size(0), kMiB);
    EXPECT_EQ(block_size(1), kMiB / 16);
    EXPECT_EQ(block_size(2), 4096U);
}

TEST(PageOrders, SplitAsTheKernelDoes) {
    for (std::uint64_t pages = 1; pages < 1100; ++pages) {
        EXPECT_EQ(split_into_orders(pages * 4096), by_the_kernels_loop(pages * 4096)) << pages;
    }
}

TEST(PageOrders, KnowTheLargestThatFits) {
    EXPECT_EQ(largest_order(4096), 2U);
    EXPECT_EQ(largest_order(15 * 4096), 2U);
    EXPECT_EQ(largest_order(16 * 4096), 1U);
    EXPECT_EQ(largest_order(kMiB), 0U);
    EXPECT_EQ(largest_order(~0ULL), 0U);
}

}  // namespace
}  // namespace ion
