// SPDX-License-Identifier: Apache-2.0

#include "heaps/system_contig_heap.h"

#include <gtest/gtest.h>

#include "tests/unit/heaps/heap_testing.h"

namespace ion {
namespace {

constexpr std::uint64_t kPage = 4096;

class SystemContigHeapTest : public ::testing::Test {
  protected:
    int error_of(std::uint64_t pages, std::uint64_t align = 0) {
        const auto backing = heap_.allocate({.size_bytes = pages * kPage, .align_bytes = align});
        return backing ? 0 : backing.error().code;
    }

    FakeExporterScript script_;
    SystemContigHeap heap_{chain_of(script_), 1 << 30, 1024 * kPage};
};

TEST_F(SystemContigHeapTest, AlignsToTheBlockThatHoldsTheSize) {
    EXPECT_EQ(error_of(1, kPage), 0);
    EXPECT_EQ(error_of(1, 2 * kPage), EINVAL);
    EXPECT_EQ(error_of(5, 8 * kPage), 0);
    EXPECT_EQ(error_of(5, 16 * kPage), EINVAL);
    EXPECT_EQ(error_of(8, 8 * kPage), 0);
    EXPECT_EQ(error_of(8, ~0ULL), EINVAL);
}

TEST_F(SystemContigHeapTest, HasNoMemoryForMoreThanTheLargestBlock) {
    EXPECT_EQ(error_of(1024), 0);
    EXPECT_EQ(error_of(1025), ENOMEM);
}

TEST_F(SystemContigHeapTest, HasNoAddressesPoolOrDeferredFree) {
    const auto backing = heap_.allocate({.size_bytes = kPage});
    ASSERT_TRUE(backing);
    EXPECT_FALSE(heap_.has_addresses());
    EXPECT_EQ(heap_.phys(**backing).error().code, ENODEV);
    EXPECT_FALSE(heap_.defers_free());
    EXPECT_FALSE(heap_.can_shrink());
}

}  // namespace
}  // namespace ion
