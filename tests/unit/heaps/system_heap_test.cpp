// SPDX-License-Identifier: Apache-2.0

#include "heaps/system_heap.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_scrubbers.h"
#include "tests/unit/heaps/heap_testing.h"

namespace ion {
namespace {

constexpr std::uint64_t kRam = 64 << 20;
constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint32_t kCached = 1;

bool yes(const Memory& /*memory*/) {
    return true;
}

class SystemHeapTest : public ::testing::Test {
  protected:
    std::unique_ptr<Backing> allocate(std::uint64_t size, std::uint32_t flags = 0) {
        auto backing = heap_.allocate({.size_bytes = size, .flags = flags});
        EXPECT_TRUE(backing) << backing.error().context;
        return backing ? *std::move(backing) : nullptr;
    }

    FakeExporterScript script_;
    ManualScrubber scrubber_;
    SystemHeap heap_{
        chain_of(script_), kRam,
        MemoryPool::create(&scrubber_, {.bytes = 4 * kMiB, .largest = 2 * kMiB, .pieces = 8}, yes)};
};

TEST_F(SystemHeapTest, CountsWhatIsGivenOutDeferredAndPooledApart) {
    auto backing = allocate(8192);
    EXPECT_EQ(heap_.usage().allocated, 8192U);

    backing.reset();
    EXPECT_EQ(heap_.usage().allocated, 0U);
    EXPECT_EQ(heap_.usage().deferred, 8192U);

    scrubber_.finish_all();
    EXPECT_EQ(heap_.usage().deferred, 0U);
    EXPECT_EQ(heap_.usage().pooled, 8192U);
}

TEST_F(SystemHeapTest, TakesFromThePoolFirst) {
    auto backing = allocate(8192, kCached);
    const FileId id = backing->memory().id();
    backing.reset();
    scrubber_.finish_all();

    EXPECT_NE(allocate(8192)->memory().id(), id) << "an uncached buffer";
    backing = allocate(8192, kCached);

    EXPECT_EQ(backing->memory().id(), id);
    EXPECT_EQ(script_.created.size(), 2U);
}

TEST_F(SystemHeapTest, GivesItsPoolBackAndTriesAgainWhenThereIsNoMemory) {
    allocate(8192).reset();
    scrubber_.finish_all();
    script_.failure = ENOMEM;
    script_.times = 1;

    const auto backing = allocate(4096);

    EXPECT_EQ(heap_.usage().pooled, 0U);
    EXPECT_EQ(script_.created.size(), 3U);
}

TEST_F(SystemHeapTest, FailsWhenThereIsNoMemoryEvenSo) {
    allocate(8192).reset();
    scrubber_.finish_all();
    script_.failure = ENOMEM;
    EXPECT_FALSE(heap_.allocate({.size_bytes = 4096}));
    EXPECT_EQ(script_.created.size(), 3U);
    EXPECT_FALSE(heap_.allocate({.size_bytes = 4096}));
    EXPECT_EQ(script_.created.size(), 4U) << "with an empty pool a second try is in vain";
}

TEST_F(SystemHeapTest, ShrinksToNothing) {
    allocate(8192).reset();
    scrubber_.finish_all();
    EXPECT_TRUE(heap_.can_shrink());
    EXPECT_EQ(heap_.shrink(UINT64_MAX), 8192U);
    EXPECT_EQ(heap_.usage().pooled, 0U);
}

TEST_F(SystemHeapTest, PrintsItsPoolsInBlocksOfPages) {
    auto large = allocate(kMiB + 3 * 65536 + 4096);
    auto small = allocate(8192, kCached);
    large.reset();
    small.reset();
    scrubber_.finish_all();
    EXPECT_EQ(heap_.print_debug(DebugLayout::kB),
              "0 order 8 highmem pages uncached 0 total\n"
              "1 order 8 lowmem pages uncached 1048576 total\n"
              "0 order 4 highmem pages uncached 0 total\n"
              "3 order 4 lowmem pages uncached 196608 total\n"
              "0 order 0 highmem pages uncached 0 total\n"
              "1 order 0 lowmem pages uncached 4096 total\n"
              "0 order 8 highmem pages cached 0 total\n"
              "0 order 8 lowmem pages cached 0 total\n"
              "0 order 4 highmem pages cached 0 total\n"
              "0 order 4 lowmem pages cached 0 total\n"
              "0 order 0 highmem pages cached 0 total\n"
              "2 order 0 lowmem pages cached 8192 total\n");
}

TEST_F(SystemHeapTest, PrintsItsTotalAlone) {
    const auto backing = allocate(8192);
    EXPECT_EQ(heap_.print_debug(DebugLayout::kA), "total bytes currently allocated: 2000\n");
}

TEST(SystemHeapType, GivesNoMemoryOutThatAFormerUserCouldReach) {
    InlineScrubber scrubber;
    Options options = initial_options(kSystemHeapOptions);
    EXPECT_EQ(options.number("pool_bytes"), 64 * kMiB);
    auto heap = make_system_heap({.exporters = {ExporterKind::kMemfd},
                                  .options = std::move(options),
                                  .total_ram = kRam,
                                  .scrubber = &scrubber});
    ASSERT_TRUE(heap);
    auto former = (*heap)->allocate({.size_bytes = 4096});
    ASSERT_TRUE(former);
    const FileId id = (*former)->memory().id();
    former->reset();
    EXPECT_EQ((*heap)->usage().pooled, 4096U) << "a memfd is replaced by another one";

    const auto next = (*heap)->allocate({.size_bytes = 4096});

    ASSERT_TRUE(next);
    EXPECT_NE((*next)->memory().id(), id);
    EXPECT_EQ((*heap)->usage().pooled, 0U);
}

}  // namespace
}  // namespace ion
