// SPDX-License-Identifier: Apache-2.0

#include "heaps/unplaced_heap.h"

#include <gtest/gtest.h>

#include "tests/unit/heaps/heap_testing.h"

namespace ion {
namespace {

constexpr std::uint64_t kRam = 64 << 20;

class UnplacedHeapTest : public ::testing::Test {
  protected:
    int error_of(std::uint64_t size, std::uint64_t align) {
        const auto backing = heap_.allocate({.size_bytes = size, .align_bytes = align});
        return backing ? 0 : backing.error().code;
    }

    FakeExporterScript script_;
    UnplacedHeap heap_{chain_of(script_), kRam};
};

TEST_F(UnplacedHeapTest, CountsWhatItHasGivenOut) {
    auto a = heap_.allocate({.size_bytes = 8192});
    const auto b = heap_.allocate({.size_bytes = 4096});
    ASSERT_TRUE(a && b);
    EXPECT_EQ(heap_.usage().allocated, 12288U);

    a->reset();

    EXPECT_EQ(heap_.usage().allocated, 4096U);
    EXPECT_EQ(heap_.usage().total, 0U);
}

TEST_F(UnplacedHeapTest, HasNoAddresses) {
    const auto backing = heap_.allocate({.size_bytes = 4096});
    ASSERT_TRUE(backing);
    EXPECT_FALSE(heap_.has_addresses());
    EXPECT_TRUE((*backing)->placement().empty());
    EXPECT_EQ(heap_.arena_fd(), -1);
}

TEST_F(UnplacedHeapTest, RefusesAlignmentAboveAPage) {
    EXPECT_EQ(error_of(4096, 4096), 0);
    EXPECT_EQ(error_of(4096, 8192), EINVAL);
    EXPECT_EQ(error_of(4096, ~0ULL), EINVAL);
}

TEST_F(UnplacedHeapTest, RefusesSizesThatAreNotWholePages) {
    EXPECT_EQ(error_of(0, 0), EINVAL);
    EXPECT_EQ(error_of(4097, 0), EINVAL);
}

TEST_F(UnplacedHeapTest, HasNoMemoryForMoreThanHalfOfTheMachine) {
    EXPECT_EQ(error_of(kRam / 2, 0), 0);
    EXPECT_EQ(error_of(kRam / 2 + 4096, 0), ENOMEM);
}

TEST_F(UnplacedHeapTest, CountsNothingWhenItsExportersFail) {
    script_.failure = ENOMEM;
    EXPECT_EQ(error_of(4096, 0), ENOMEM);
    EXPECT_EQ(heap_.usage().allocated, 0U);
}

TEST_F(UnplacedHeapTest, RefusesToRestoreWhatHasAnAddress) {
    RestoreRequest request;
    request.request.size_bytes = 4096;
    request.placement = {{.base = 0x1000, .size = 4096}};
    const auto backing = heap_.restore(std::move(request));
    ASSERT_FALSE(backing);
    EXPECT_EQ(backing.error().code, EINVAL);
}

}  // namespace
}  // namespace ion
