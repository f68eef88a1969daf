// SPDX-License-Identifier: Apache-2.0

#include "heaps/chunk_heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "heaps/chunk_placer.h"

namespace ion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kChunk = 4 * kPage;
constexpr std::uint64_t kBase = 0x2d300000;

class ChunkPlacerTest : public ::testing::Test {
  protected:
    std::vector<PlacedRange> place(std::uint64_t size, std::uint64_t align = 0) {
        auto placed = placer_.place({.size_bytes = size, .align_bytes = align});
        EXPECT_TRUE(placed) << placed.error().context;
        return placed ? *std::move(placed) : std::vector<PlacedRange>();
    }
    int error_of(std::uint64_t size, std::uint64_t align = 0) {
        const auto placed = placer_.place({.size_bytes = size, .align_bytes = align});
        return placed ? 0 : placed.error().code;
    }
    int take(std::uint64_t size, std::vector<PlacedRange> ranges) {
        const auto taken = placer_.take({.size_bytes = size}, ranges);
        return taken ? 0 : taken.error().code;
    }
    static PlacedRange chunks(std::uint64_t first, std::uint64_t count) {
        return {.base = kBase + first * kChunk, .size = count * kChunk};
    }

    ChunkPlacer placer_{{.base = kBase, .size = 8 * kChunk + kPage}, kChunk};
};

TEST_F(ChunkPlacerTest, RoundsUpToChunks) {
    EXPECT_THAT(place(kChunk + kPage), ElementsAre(chunks(0, 2)));
    EXPECT_EQ(placer_.usage().allocated, 2 * kChunk);
}

TEST_F(ChunkPlacerTest, DoesNotUseAnEndThatIsNoWholeChunk) {
    EXPECT_EQ(placer_.usage().total, 8 * kChunk);
    EXPECT_EQ(error_of(8 * kChunk + kPage), ENOMEM);
    EXPECT_THAT(place(8 * kChunk), ElementsAre(chunks(0, 8)));
}

TEST_F(ChunkPlacerTest, TakesTheLowestChunksWhereverTheyLie) {
    std::vector<std::vector<PlacedRange>> held;
    for (int i = 0; i < 8; ++i) {
        held.push_back(place(kPage));
    }
    for (const std::size_t i : {1U, 3U, 4U, 7U}) {
        placer_.release(held[i]);
    }
    EXPECT_THAT(place(3 * kChunk), ElementsAre(chunks(1, 1), chunks(3, 2)));
    EXPECT_EQ(placer_.usage().largest_free, kChunk);
}

TEST_F(ChunkPlacerTest, IsNeverFragmentedButFull) {
    const auto held = place(5 * kChunk);
    const auto placed = placer_.place({.size_bytes = 4 * kChunk});
    ASSERT_FALSE(placed);
    EXPECT_EQ(placed.error().code, ENOMEM);
    EXPECT_THAT(placed.error().context, HasSubstr("full"));
    EXPECT_EQ(placer_.usage().allocated, 5 * kChunk) << "nothing is taken";
}

TEST_F(ChunkPlacerTest, RefusesAlignmentAboveAChunkOrThatNoChunkHas) {
    EXPECT_EQ(error_of(kPage, 1), 0);
    EXPECT_EQ(error_of(kPage, kChunk), 0);
    EXPECT_EQ(error_of(kPage, 2 * kChunk), EINVAL);
    EXPECT_EQ(error_of(kPage, 3), EINVAL);
    ChunkPlacer odd({.base = kBase + kPage, .size = kChunk}, kChunk);
    EXPECT_FALSE(odd.place({.size_bytes = kPage, .align_bytes = kChunk}));
    EXPECT_TRUE(odd.place({.size_bytes = kPage, .align_bytes = kPage}));
}

TEST_F(ChunkPlacerTest, TakesWhatItGaveAnEarlierWorkerAllOrNothing) {
    EXPECT_EQ(take(3 * kChunk - kPage, {chunks(5, 2), chunks(1, 1)}), 0);
    EXPECT_EQ(placer_.usage().allocated, 3 * kChunk);
    EXPECT_EQ(take(2 * kChunk, {chunks(0, 1), chunks(6, 1)}), EEXIST);
    EXPECT_EQ(placer_.usage().allocated, 3 * kChunk);
    EXPECT_EQ(take(2 * kChunk, {chunks(0, 1)}), EINVAL);
    EXPECT_EQ(take(kChunk, {{.base = kBase + kPage, .size = kChunk}}), EINVAL);
    EXPECT_EQ(take(kChunk, {chunks(8, 1)}), EINVAL);
    EXPECT_EQ(take(~0ULL - kPage + 1, {}), EINVAL);
}

HeapParameters chunk_parameters(std::uint64_t chunk_size) {
    HeapParameters parameters{
        .base = kBase, .size = 8 * kChunk, .exporters = {ExporterKind::kMemfd}, .total_ram = 1 << 30};
    parameters.options.set("chunk_size", chunk_size);
    return parameters;
}

TEST(ChunkHeap, RefusesChunksThatCannotBe) {
    for (const std::uint64_t size : {kPage + 1, 9 * kChunk}) {
        const auto heap = make_chunk_heap(chunk_parameters(size));
        ASSERT_FALSE(heap) << size;
        EXPECT_EQ(heap.error().code, EINVAL);
    }
}

TEST(ChunkHeap, HasAddressesButNoPhysicalOneOfABuffer) {
    const auto heap = make_chunk_heap(chunk_parameters(kChunk));
    ASSERT_TRUE(heap);
    const auto backing = (*heap)->allocate({.size_bytes = kPage});
    ASSERT_TRUE(backing);
    EXPECT_TRUE((*heap)->has_addresses());
    EXPECT_EQ((*backing)->size(), kPage);
    EXPECT_EQ((*backing)->placement()[0].size, kChunk);
    EXPECT_EQ((*heap)->phys(**backing).error().code, ENODEV);
}

}  // namespace
}  // namespace ion
