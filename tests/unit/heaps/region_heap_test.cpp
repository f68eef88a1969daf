// SPDX-License-Identifier: Apache-2.0

#include "heaps/region_heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "heaps/first_fit_placer.h"
#include "tests/unit/heaps/heap_testing.h"

namespace ion {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kPage = 4096;
constexpr PlacedRange kRegion{.base = 0x2d301000, .size = 16 * kPage};

class RegionHeapTest : public ::testing::Test {
  protected:
    std::unique_ptr<Heap> make(std::uint64_t align = kPage, UniqueFd arena = UniqueFd()) {
        auto parts = RegionHeap::prepare(kRegion, std::make_unique<FirstFitPlacer>(kRegion, align),
                                         chain_of(script_), std::move(arena));
        EXPECT_TRUE(parts) << parts.error().context;
        return parts ? std::make_unique<RegionHeap>(*std::move(parts)) : nullptr;
    }
    static std::unique_ptr<Backing> allocate(Heap& heap, std::uint64_t pages, std::uint64_t align = 0) {
        auto backing = heap.allocate({.size_bytes = pages * kPage, .align_bytes = align});
        EXPECT_TRUE(backing) << backing.error().context;
        return backing ? *std::move(backing) : nullptr;
    }
    static RestoreRequest restore_request(PlacedRange range) {
        RestoreRequest request;
        request.request.size_bytes = range.size;
        request.exporter = ExporterKind::kMemfd;
        request.memory = *make_sealed_memfd("test", range.size);
        request.placement = {range};
        return request;
    }

    FakeExporterScript script_;
};

void write_mark(int fd, std::uint64_t offset) {
    ASSERT_EQ(::pwrite(fd, "mark", 4, static_cast<off_t>(offset)), 4);
}

std::string read_mark(int fd, std::uint64_t offset) {
    std::array<char, 4> bytes{};
    EXPECT_EQ(::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)), 4);
    return {bytes.begin(), bytes.end()};
}

const std::string kZeroes(4, '\0');

TEST_F(RegionHeapTest, PlacesWithTheLargerAlignmentOfHeapAndRequest) {
    const auto heap = make(2 * kPage);
    EXPECT_EQ(allocate(*heap, 1)->placement()[0].base, 0x2d302000U);
    EXPECT_EQ(allocate(*heap, 1, 1)->placement()[0].base, 0x2d302000U);
    EXPECT_EQ(allocate(*heap, 1, 4 * kPage)->placement()[0].base, 0x2d304000U);
}

TEST_F(RegionHeapTest, RefusesAlignmentsThatCannotBe) {
    const auto heap = make();
    for (const std::uint64_t align : {3ULL, 3 * 4096ULL, 32 * 4096ULL, ~0ULL}) {
        const auto backing = heap->allocate({.size_bytes = kPage, .align_bytes = align});
        ASSERT_FALSE(backing) << align;
        EXPECT_EQ(backing.error().code, EINVAL) << align;
    }
}

TEST_F(RegionHeapTest, TellsFullFromFragmented) {
    const auto heap = make();
    std::vector<std::unique_ptr<Backing>> held;
    for (int i = 0; i < 16; ++i) {
        held.push_back(allocate(*heap, 1));
    }
    const auto full = heap->allocate({.size_bytes = kPage});
    held[3].reset();
    held[5].reset();
    const auto fragmented = heap->allocate({.size_bytes = 2 * kPage});

    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, ENOMEM);
    EXPECT_THAT(full.error().context, HasSubstr("full: 4096 bytes asked, 0 free"));
    ASSERT_FALSE(fragmented);
    EXPECT_EQ(fragmented.error().code, ENOMEM);
    EXPECT_THAT(fragmented.error().context,
                HasSubstr("fragmented: 8192 bytes asked, 8192 free, longest run 4096"));
}

TEST_F(RegionHeapTest, GivesTheRangeBackWhenItsExportersFail) {
    const auto heap = make();
    script_.failure = ENOMEM;
    const auto failed = heap->allocate({.size_bytes = 16 * kPage});
    script_.failure = 0;

    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().context, "fake udmabuf");
    EXPECT_EQ(heap->usage().allocated, 0U);
    EXPECT_NE(allocate(*heap, 16), nullptr);
}

TEST_F(RegionHeapTest, ReportsRegionAllocationAndLongestRun) {
    const auto heap = make();
    const auto a = allocate(*heap, 2);
    auto b = allocate(*heap, 3);
    const auto c = allocate(*heap, 7);
    b.reset();

    const HeapUsage usage = heap->usage();

    EXPECT_EQ(usage.total, 16 * kPage);
    EXPECT_EQ(usage.allocated, 9 * kPage);
    EXPECT_EQ(usage.largest_free, 4 * kPage);
}

TEST_F(RegionHeapTest, HasNoArenaWhenNobodyCarves) {
    const auto heap = make();
    EXPECT_EQ(heap->arena_fd(), -1);
    allocate(*heap, 1);
    EXPECT_EQ(script_.created.size(), 1U);
}

TEST_F(RegionHeapTest, CarvesTheBuffersRangeOutOfItsArena) {
    script_.carves = true;
    const auto heap = make();
    const auto a = allocate(*heap, 2);
    const auto b = allocate(*heap, 3);

    ASSERT_EQ(script_.carved.size(), 2U);
    EXPECT_EQ(script_.carved[1].fd, heap->arena_fd());
    EXPECT_EQ(script_.carved[1].offset, 2 * kPage);
    EXPECT_EQ(script_.carved[1].size, 3 * kPage);
}

TEST_F(RegionHeapTest, DropsTheBuffersPagesAndNoOthersOnRelease) {
    script_.carves = true;
    const auto heap = make();
    const auto neighbour = allocate(*heap, 1);
    auto backing = allocate(*heap, 2);
    for (const std::uint64_t page : {0U, 1U, 2U}) {
        write_mark(heap->arena_fd(), page * kPage);
    }

    backing.reset();

    EXPECT_EQ(read_mark(heap->arena_fd(), 0), "mark");
    EXPECT_EQ(read_mark(heap->arena_fd(), kPage), kZeroes);
    EXPECT_EQ(read_mark(heap->arena_fd(), 2 * kPage), kZeroes);
}

TEST_F(RegionHeapTest, ZeroesARangeThatAnEarlierWorkerHadNoTimeToDrop) {
    script_.carves = true;
    UniqueFd arena = *make_sealed_memfd("test", kRegion.size);
    write_mark(arena.get(), 0);
    const auto heap = make(kPage, std::move(arena));

    const auto backing = allocate(*heap, 1);

    EXPECT_EQ(read_mark(heap->arena_fd(), 0), kZeroes);
}

TEST_F(RegionHeapTest, KeepsTheArenaOfAnEarlierWorker) {
    script_.carves = true;
    UniqueFd arena = *make_sealed_memfd("test", kRegion.size);
    const FileId former = *file_id_of(arena.get());
    const auto heap = make(kPage, std::move(arena));
    EXPECT_EQ(*file_id_of(heap->arena_fd()), former);
}

TEST_F(RegionHeapTest, ReplacesAnArenaOfAnotherSize) {
    script_.carves = true;
    UniqueFd arena = *make_sealed_memfd("test", kRegion.size / 2);
    const FileId former = *file_id_of(arena.get());
    const auto heap = make(kPage, std::move(arena));
    EXPECT_NE(*file_id_of(heap->arena_fd()), former);
}

TEST_F(RegionHeapTest, RestoresAtTheSamePlace) {
    const auto heap = make();
    const PlacedRange range{.base = kRegion.base + 3 * kPage, .size = 2 * kPage};

    const auto backing = heap->restore(restore_request(range));

    ASSERT_TRUE(backing);
    EXPECT_EQ((*backing)->placement()[0], range);
    EXPECT_EQ(heap->usage().allocated, 2 * kPage);
}

TEST_F(RegionHeapTest, RefusesToRestoreWhereAnotherBufferIs) {
    const auto heap = make();
    const auto held = allocate(*heap, 4);
    const auto backing = heap->restore(restore_request({.base = kRegion.base + kPage, .size = kPage}));
    ASSERT_FALSE(backing);
    EXPECT_EQ(backing.error().code, EEXIST);
}

TEST_F(RegionHeapTest, RefusesToRestoreWhatIsNotItsOwn) {
    const auto heap = make();
    auto two_ranges = restore_request({.base = kRegion.base, .size = kPage});
    two_ranges.placement.push_back({.base = kRegion.base + kPage, .size = kPage});
    auto other_size = restore_request({.base = kRegion.base, .size = kPage});
    other_size.request.size_bytes = 2 * kPage;
    auto elsewhere = restore_request({.base = 0x1000, .size = kPage});

    for (RestoreRequest* request : {&two_ranges, &other_size, &elsewhere}) {
        const auto backing = heap->restore(std::move(*request));
        ASSERT_FALSE(backing);
        EXPECT_EQ(backing.error().code, EINVAL);
    }
    EXPECT_EQ(heap->usage().allocated, 0U);
}

TEST_F(RegionHeapTest, LeavesTheRangeFreeWhenTheRestoredMemoryIsNone) {
    const auto heap = make();
    auto request = restore_request({.base = kRegion.base, .size = kPage});
    request.memory.reset();
    const auto backing = heap->restore(std::move(request));
    ASSERT_FALSE(backing);
    EXPECT_EQ(heap->usage().allocated, 0U);
}

}  // namespace
}  // namespace ion
