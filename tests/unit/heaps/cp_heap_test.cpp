// SPDX-License-Identifier: Apache-2.0

#include "heaps/cp_heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/base/checked_math.h"
#include "heaps/simulated_trust_zone.h"

namespace ion {
namespace {

using ::testing::HasSubstr;

class CpHeapTest : public ::testing::Test {
  protected:
    CpHeapTest() { parameters_.options = initial_options(kCpOptions); }

    std::unique_ptr<Heap> make() {
        auto heap = make_cp_heap(std::move(parameters_));
        EXPECT_TRUE(heap) << heap.error().context;
        return heap ? *std::move(heap) : nullptr;
    }
    static std::unique_ptr<Backing> allocate(Heap& heap, std::uint32_t flags = 0) {
        auto backing = heap.allocate({.size_bytes = kPageSize, .flags = flags});
        EXPECT_TRUE(backing) << backing.error().context;
        return backing ? *std::move(backing) : nullptr;
    }
    template <typename T>
    static int error_of(const Result<T>& result) {
        return result ? 0 : result.error().code;
    }

    HeapParameters parameters_{.id = 8,
                               .name = "mm",
                               .base = 0x40001000,
                               .size = 16 * kPageSize,
                               .exporters = {ExporterKind::kMemfd}};
};

TEST_F(CpHeapTest, CanBeSecured) {
    const auto heap = make();
    EXPECT_TRUE(heap->protects_content());
    EXPECT_TRUE(heap->secure());
    EXPECT_EQ(error_of(heap->allocate({.size_bytes = kPageSize})), ENOMEM);
    const auto secret = allocate(*heap, kFlagSecure);
    EXPECT_EQ(error_of(heap->map_user(*secret)), EAGAIN);
    EXPECT_TRUE(heap->unsecure());
    EXPECT_EQ(error_of(heap->map_user(*secret)), 0);
    EXPECT_EQ(error_of(heap->secure()), EINVAL) << "a program has it mapped";
    heap->unmap_user(*secret);
    EXPECT_TRUE(heap->secure());
}

TEST_F(CpHeapTest, PlacesFirstFitWithItsAlignment) {
    parameters_.align = 2 * kPageSize;
    const auto heap = make();
    const auto a = allocate(*heap);
    const auto b = allocate(*heap);
    EXPECT_EQ(*heap->phys(*a), 0x40002000U);
    EXPECT_EQ(*heap->phys(*b), 0x40004000U);
}

TEST_F(CpHeapTest, CountsKernelMappingsByTheBuffersCaching) {
    const auto heap = make();
    const auto cached = allocate(*heap, kFlagCached);
    const auto uncached = allocate(*heap);
    const auto one = heap->map_kernel(*cached);
    const auto other = heap->map_kernel(*uncached);
    ASSERT_TRUE(one && other);
    EXPECT_THAT(heap->print_debug(DebugLayout::kA), HasSubstr("kmapping count: 2\n"));
    EXPECT_EQ(error_of(heap->secure()), EINVAL);
    heap->unmap_kernel(*cached, *one);
    EXPECT_EQ(error_of(heap->secure()), 0) << "the uncached mapping does not matter";
    EXPECT_EQ(error_of(heap->map_kernel(*cached)), EAGAIN);
    heap->unmap_kernel(*uncached, *other);
    EXPECT_THAT(heap->print_debug(DebugLayout::kA), HasSubstr("kmapping count: 0\n"));
}

TEST_F(CpHeapTest, ARestoredBufferKeepsItsCaching) {
    const auto heap = make();
    std::vector<PlacedRange> placement;
    UniqueFd memory;
    {
        const auto made = allocate(*heap, kFlagCached);
        placement.assign(made->placement().begin(), made->placement().end());
        memory = UniqueFd(::dup(made->memory().fd()));
    }
    const auto restored = heap->restore({.request = {.size_bytes = kPageSize, .flags = kFlagCached},
                                         .exporter = ExporterKind::kMemfd,
                                         .memory = std::move(memory),
                                         .placement = placement});
    ASSERT_TRUE(restored) << restored.error().context;
    ASSERT_TRUE(heap->secure());
    EXPECT_EQ(error_of(heap->map_kernel(**restored)), EAGAIN);
}

TEST_F(CpHeapTest, PrintsItsStateInBothLayouts) {
    const auto heap = make();
    const auto buffer = allocate(*heap);
    ASSERT_TRUE(heap->map_user(*buffer));
    for (const DebugLayout layout : {DebugLayout::kA, DebugLayout::kB}) {
        EXPECT_EQ(heap->print_debug(layout),
                  "total bytes currently allocated: 1000\n"
                  "total heap size: 10000\n"
                  "umapping count: 1\n"
                  "kmapping count: 0\n"
                  "heap protected: No\n");
    }
    EXPECT_EQ(heap->memory_map(), MemoryMap::kRangesAndGaps);
    heap->unmap_user(*buffer);
    ASSERT_TRUE(heap->secure());
    EXPECT_THAT(heap->print_debug(DebugLayout::kA), HasSubstr("umapping count: 0\n"));
    EXPECT_THAT(heap->print_debug(DebugLayout::kA), HasSubstr("heap protected: Yes\n"));
}

TEST_F(CpHeapTest, FailsToLockAsConfigured) {
    parameters_.options.set("lock_error", std::uint64_t{EACCES});
    const auto heap = make();
    EXPECT_EQ(error_of(heap->secure()), EACCES);
    EXPECT_THAT(heap->print_debug(DebugLayout::kA), HasSubstr("heap protected: No\n"));
}

TEST_F(CpHeapTest, FailsToUnlockAsConfiguredAndSaysNothingToTheCaller) {
    parameters_.options.set("unlock_error", std::uint64_t{EIO});
    const auto heap = make();
    ASSERT_TRUE(heap->secure());
    EXPECT_EQ(error_of(heap->unsecure()), 0);
    EXPECT_THAT(heap->print_debug(DebugLayout::kA), HasSubstr("heap protected: Yes\n"));
}

TEST_F(CpHeapTest, RefusesNonsecureAllocationsAsConfigured) {
    parameters_.options.set("no_nonsecure_alloc", true);
    const auto heap = make();
    EXPECT_EQ(error_of(heap->allocate({.size_bytes = kPageSize})), ENOMEM);
    EXPECT_NE(allocate(*heap, kFlagSecure), nullptr);
}

TEST_F(CpHeapTest, SecuresWholeChunksAloneInVersion2) {
    parameters_.options.set("trustzone_version", std::uint64_t{2});
    EXPECT_EQ(error_of(make()->secure()), EINVAL) << "64 KiB";

    parameters_ = {.base = 0x40001000, .size = 16 * kPageSize, .exporters = {ExporterKind::kMemfd}};
    parameters_.options = initial_options(kCpOptions);
    parameters_.options.set("trustzone_version", std::uint64_t{2});
    parameters_.options.set("secure_base", std::uint64_t{0x40000000});
    parameters_.options.set("secure_size", SimulatedTrustZone::kChunk);
    EXPECT_EQ(error_of(make()->secure()), 0);
}

TEST_F(CpHeapTest, SecuresWhatTheConfigurationMadeOfANeighbour) {
    parameters_.options.set("trustzone_version", std::uint64_t{2});
    parameters_.secured = {.base = 0x40000000, .size = SimulatedTrustZone::kChunk};
    EXPECT_EQ(error_of(make()->secure()), 0);
}

TEST_F(CpHeapTest, RefusesASecureRangeThatIsNone) {
    struct Wrong {
        std::uint64_t base;
        std::uint64_t size;
    };
    for (const Wrong& wrong : {Wrong{0x40000000, 100}, Wrong{0x40000800, 1 << 20}, Wrong{0x40002000, 1 << 20},
                               Wrong{0x40000000, 16 * kPageSize}, Wrong{0x40000000, ~0ULL - 4095}}) {
        HeapParameters parameters{
            .base = 0x40001000, .size = 16 * kPageSize, .exporters = {ExporterKind::kMemfd}};
        parameters.options = initial_options(kCpOptions);
        parameters.options.set("secure_base", wrong.base);
        parameters.options.set("secure_size", wrong.size);
        const auto heap = make_cp_heap(std::move(parameters));
        ASSERT_FALSE(heap) << wrong.base << " " << wrong.size;
        EXPECT_EQ(heap.error().code, EINVAL);
        EXPECT_THAT(heap.error().context, HasSubstr("secure"));
    }
}

}  // namespace
}  // namespace ion
