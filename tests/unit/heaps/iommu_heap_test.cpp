// SPDX-License-Identifier: Apache-2.0

#include "heaps/iommu_heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kFirst = 128 << 10;  // partition_base

class IommuHeapTest : public ::testing::Test {
  protected:
    IommuHeapTest() {
        parameters_.options = initial_options(kIommuOptions);
        parameters_.options.set("partition_size", 8 * kPageSize);
    }

    std::unique_ptr<Heap> make() {
        auto heap = make_iommu_heap(std::move(parameters_));
        EXPECT_TRUE(heap) << heap.error().context;
        return heap ? *std::move(heap) : nullptr;
    }
    static std::unique_ptr<Backing> allocate(Heap& heap, std::uint64_t pages) {
        auto backing = heap.allocate({.size_bytes = pages * kPageSize});
        EXPECT_TRUE(backing) << backing.error().context;
        return backing ? *std::move(backing) : nullptr;
    }
    template <typename T>
    static int error_of(const Result<T>& result) {
        return result ? 0 : result.error().code;
    }

    HeapParameters parameters_{
        .id = 25, .name = "iommu", .exporters = {ExporterKind::kMemfd}, .total_ram = 1 << 20};
};

TEST_F(IommuHeapTest, HasMemoryWithoutAddresses) {
    const auto heap = make();
    const auto buffer = allocate(*heap, 3);
    EXPECT_TRUE(buffer->placement().empty());
    EXPECT_EQ(error_of(heap->phys(*buffer)), ENODEV);
    EXPECT_EQ(heap->usage().allocated, 3 * kPageSize);
    EXPECT_EQ(heap->memory_map(), MemoryMap::kNone);
    EXPECT_EQ(heap->print_debug(DebugLayout::kA), "");
    EXPECT_EQ(heap->print_debug(DebugLayout::kB), "");
}

TEST_F(IommuHeapTest, MapsFirstFitInEachPartition) {
    const auto heap = make();
    const auto a = allocate(*heap, 2);
    const auto b = allocate(*heap, 1);
    EXPECT_EQ(*heap->map_iommu(*a, {}), kFirst);
    EXPECT_EQ(*heap->map_iommu(*b, {}), kFirst + 2 * kPageSize);
    EXPECT_EQ(*heap->map_iommu(*b, {.domain = 1}), kFirst) << "domains know nothing of each other";
    EXPECT_EQ(*heap->map_iommu(*b, {.domain = 1, .partition = 3}), kFirst + 24 * kPageSize);

    heap->unmap_iommu(*a, {});
    const auto c = allocate(*heap, 1);
    EXPECT_EQ(*heap->map_iommu(*c, {}), kFirst);
}

TEST_F(IommuHeapTest, AlignsAndPadsAsAsked) {
    const auto heap = make();
    const auto a = allocate(*heap, 1);
    const auto b = allocate(*heap, 1);
    const auto c = allocate(*heap, 1);
    EXPECT_EQ(*heap->map_iommu(*a, {.length = 3 * kPageSize}), kFirst);
    EXPECT_EQ(*heap->map_iommu(*b, {.align = 4 * kPageSize}), kFirst + 4 * kPageSize);
    EXPECT_EQ(*heap->map_iommu(*c, {.align = 1}), kFirst + 3 * kPageSize);
}

TEST_F(IommuHeapTest, RefusesMappingsThatCannotBe) {
    const auto heap = make();
    const auto buffer = allocate(*heap, 2);
    EXPECT_EQ(error_of(heap->map_iommu(*buffer, {.domain = 4})), EINVAL);
    EXPECT_EQ(error_of(heap->map_iommu(*buffer, {.partition = 4})), EINVAL);
    EXPECT_EQ(error_of(heap->map_iommu(*buffer, {.length = kPageSize})), EINVAL);
    EXPECT_EQ(error_of(heap->map_iommu(*buffer, {.length = 2 * kPageSize + 1})), EINVAL);
    EXPECT_EQ(error_of(heap->map_iommu(*buffer, {.align = 0})), EINVAL);
    EXPECT_EQ(error_of(heap->map_iommu(*buffer, {.align = 3 * kPageSize})), EINVAL);
    EXPECT_EQ(error_of(heap->map_iommu(*buffer, {.length = 9 * kPageSize})), ENOMEM);
    EXPECT_EQ(error_of(heap->map_iommu(*buffer, {.length = ~0ULL - 4095})), ENOMEM);
    EXPECT_EQ(error_of(heap->map_iommu(*buffer, {.length = 8 * kPageSize})), 0)
        << "nothing was taken by those";
    EXPECT_EQ(error_of(heap->map_iommu(*buffer, {})), EEXIST);
}

TEST_F(IommuHeapTest, TakesABufferThatGoesOutOfEverySpace) {
    const auto heap = make();
    auto a = allocate(*heap, 1);
    const auto b = allocate(*heap, 8);
    ASSERT_TRUE(heap->map_iommu(*a, {}));
    ASSERT_TRUE(heap->map_iommu(*a, {.domain = 2, .partition = 1}));
    EXPECT_EQ(error_of(heap->map_iommu(*b, {})), ENOMEM);
    a.reset();
    EXPECT_EQ(error_of(heap->map_iommu(*b, {})), 0);
    EXPECT_EQ(error_of(heap->map_iommu(*b, {.domain = 2, .partition = 1})), 0);
}

TEST_F(IommuHeapTest, HasNothingWithoutAnIommu) {
    const auto with = make();
    const auto buffer = allocate(*with, 1);
    parameters_ = {.exporters = {ExporterKind::kMemfd}, .total_ram = 1 << 20};
    parameters_.options = initial_options(kIommuOptions);
    parameters_.options.set("iommu", false);
    const auto without = make();
    EXPECT_EQ(error_of(without->allocate({.size_bytes = kPageSize})), ENOMEM);

    const auto restored = without->restore({.request = {.size_bytes = kPageSize},
                                            .exporter = ExporterKind::kMemfd,
                                            .memory = UniqueFd(::dup(buffer->memory().fd())),
                                            .placement = {}});
    ASSERT_TRUE(restored) << "there was one when it was made";
    EXPECT_EQ(error_of(without->map_iommu(**restored, {})), ENODEV);
}

TEST_F(IommuHeapTest, RefusesPartitionsThatAreNone) {
    struct Wrong {
        const char* option;
        std::uint64_t value;
    };
    for (const Wrong& wrong : {Wrong{"partition_base", 4097}, Wrong{"partition_size", 5000},
                               Wrong{"partition_size", 1ULL << 63}, Wrong{"partition_base", ~0ULL - 4095}}) {
        HeapParameters parameters{.exporters = {ExporterKind::kMemfd}, .total_ram = 1 << 20};
        parameters.options = initial_options(kIommuOptions);
        parameters.options.set(wrong.option, wrong.value);
        const auto heap = make_iommu_heap(std::move(parameters));
        ASSERT_FALSE(heap) << wrong.option << " " << wrong.value;
        EXPECT_EQ(heap.error().code, EINVAL);
        EXPECT_THAT(heap.error().context, HasSubstr("partition"));
    }
}

}  // namespace
}  // namespace ion
