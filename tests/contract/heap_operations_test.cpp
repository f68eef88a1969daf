// SPDX-License-Identifier: Apache-2.0
//
// Contract: what a heap does with a buffer besides giving it out, and the figures it reports.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include "tests/contract/heap_contract.h"

namespace ion {
namespace {

class HeapOperations : public HeapContract {};

TEST_P(HeapOperations, GivesAPhysicalAddressOfItsOnlyRangeOrNone) {
    const auto backing = allocate(3);
    const auto address = heap_->phys(*backing);
    if (!address) {
        EXPECT_EQ(address.error().code, ENODEV);
        return;
    }
    ASSERT_TRUE(heap_->has_addresses());
    ASSERT_EQ(backing->placement().size(), 1U);
    EXPECT_EQ(*address, backing->placement()[0].base);
}

TEST_P(HeapOperations, MapsTheWholeBufferForDevices) {
    const auto backing = allocate(5);
    for (int time = 0; time < 2; ++time) {
        const auto ranges = heap_->map_dma(*backing);
        ASSERT_TRUE(ranges) << ranges.error().context;
        const auto bytes =
            std::accumulate(ranges->begin(), ranges->end(), std::uint64_t{0},
                            [](std::uint64_t sum, const PlacedRange& range) { return sum + range.size; });
        EXPECT_GE(bytes, 5 * kPageSize);
    }
    heap_->unmap_dma(*backing);
    heap_->unmap_dma(*backing);
}

TEST_P(HeapOperations, MapsForTheKernelWhatClientsSee) {
    const auto backing = allocate(3);
    const Mapping client(export_of(*backing).get(), 3 * kPageSize);
    client.fill(0x42);

    const auto bytes = heap_->map_kernel(*backing);

    ASSERT_TRUE(bytes) << bytes.error().context;
    ASSERT_EQ(bytes->size(), 3 * kPageSize);
    EXPECT_TRUE(std::ranges::all_of(*bytes, [](std::byte byte) { return byte == std::byte{0x42}; }));
    std::ranges::fill(*bytes, std::byte{0x24});
    EXPECT_TRUE(client.is_all(0x24));
    heap_->unmap_kernel(*backing, *bytes);
}

TEST_P(HeapOperations, MaintainsTheCacheOfAnyPart) {
    const auto backing = allocate(2);
    for (const CacheOperation operation : {CacheOperation::kSync, CacheOperation::kClean,
                                           CacheOperation::kInvalidate, CacheOperation::kCleanInvalidate}) {
        EXPECT_TRUE(heap_->cache_op(*backing, operation, 0, 2 * kPageSize));
        EXPECT_TRUE(heap_->cache_op(*backing, operation, kPageSize, 1));
    }
}

TEST_P(HeapOperations, LetsProgramsMapABuffer) {
    const auto backing = allocate(1);
    ASSERT_TRUE(heap_->map_user(*backing));
    heap_->unmap_user(*backing);
    EXPECT_TRUE(heap_->map_user(*backing)) << "again";
    heap_->unmap_user(*backing);
}

TEST_P(HeapOperations, CountsExactlyWhatIsGivenOut) {
    std::vector<std::unique_ptr<Backing>> held;
    std::uint64_t expected = 0;
    for (const std::uint64_t pages : {1U, 6U, 3U, 4U}) {
        held.push_back(allocate(pages));
        EXPECT_EQ(held.back()->size(), pages * kPageSize);
        EXPECT_GE(taken_by(*held.back()), pages * kPageSize);
        expected += taken_by(*held.back());
        EXPECT_EQ(heap_->usage().allocated, expected);
    }
    for (const std::size_t index : {2U, 0U, 3U, 1U}) {
        expected -= taken_by(*held[index]);
        held[index].reset();
        const HeapUsage usage = heap_->usage();
        EXPECT_EQ(usage.allocated, expected);
        if (usage.total != 0) {
            EXPECT_LE(usage.largest_free, usage.total - usage.allocated);
        }
    }
    EXPECT_EQ(expected, 0U);
}

TEST_P(HeapOperations, GivesAllItKeepsBackWhenItShrinks) {
    for (int i = 0; i < 4; ++i) {
        const auto a = allocate(1);
        const auto b = allocate(2);
        const Mapping mapping(export_of(*b).get(), 2 * kPageSize);
        mapping.fill(1);
    }
    const HeapUsage before = heap_->usage();
    EXPECT_EQ(heap_->shrink(UINT64_MAX), before.deferred + before.pooled);
    EXPECT_EQ(heap_->usage().deferred, 0U);
    EXPECT_EQ(heap_->usage().pooled, 0U);
    EXPECT_EQ(heap_->shrink(UINT64_MAX), 0U);
    EXPECT_EQ(heap_->usage().allocated, 0U);
}

TEST_P(HeapOperations, PrintsWholeLines) {
    const auto backing = allocate(1);
    for (const DebugLayout layout : {DebugLayout::kA, DebugLayout::kB}) {
        const std::string text = heap_->print_debug(layout);
        EXPECT_TRUE(text.empty() || text.ends_with('\n')) << text;
    }
}

INSTANTIATE_TEST_SUITE_P(Heaps, HeapOperations, ::testing::ValuesIn(cases_of(all_types())), case_name);

}  // namespace
}  // namespace ion
