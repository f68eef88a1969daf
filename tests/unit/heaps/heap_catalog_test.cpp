// SPDX-License-Identifier: Apache-2.0

#include "heaps/heap_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace ion {
namespace {

using ::testing::HasSubstr;

HeapParameters parameters(std::span<const OptionSpec> options = {}) {
    return {.id = 24,
            .name = "sf",
            .base = 0x2d300000,
            .size = 1 << 20,
            .exporters = {ExporterKind::kMemfd},
            .options = initial_options(options),
            .total_ram = 1 << 30,
            .arena = UniqueFd()};
}

const HeapType* find_builtin(std::string_view name) {
    return find_heap_type(builtin_heap_types(), name);
}

TEST(HeapCatalog, HasTheKernelsNumberOfEachType) {
    struct Numbers {
        const char* type;
        std::optional<std::uint32_t> mainline;
        std::optional<std::uint32_t> msm34;
    };
    for (const Numbers& expected :
         {Numbers{"system", 0, 0}, Numbers{"carveout", 2, 2}, Numbers{"cma", 4, 5}, Numbers{"dma", 4, 5},
          Numbers{"custom", 5, 6}, Numbers{"cp", std::nullopt, 4}, Numbers{"iommu", std::nullopt, 3}}) {
        const HeapType* type = find_builtin(expected.type);
        ASSERT_NE(type, nullptr) << expected.type;
        EXPECT_EQ(type->mainline_number, expected.mainline) << expected.type;
        EXPECT_EQ(type->msm34_number, expected.msm34) << expected.type;
    }
}

TEST(HeapCatalog, KnowsNoOtherName) {
    EXPECT_EQ(find_builtin("Carveout"), nullptr);
    EXPECT_EQ(find_builtin(""), nullptr);
}

/// Types that make heaps from the exporters of their parameters.
std::vector<HeapType> types_with_exporters() {
    std::vector<HeapType> types;
    std::ranges::copy_if(builtin_heap_types(), std::back_inserter(types),
                         [](const HeapType& type) { return type.name != "dma_heap"; });
    return types;
}

TEST(HeapCatalog, MakesAHeapOfEachType) {
    for (const HeapType& type : types_with_exporters()) {
        const auto heap = type.make(parameters(type.options));
        ASSERT_TRUE(heap) << type.name << ": " << heap.error().context;
        EXPECT_TRUE((*heap)->allocate({.size_bytes = 4096})) << type.name;
    }
}

TEST(HeapCatalog, PlacesACarveoutInItsRegion) {
    const auto heap = find_builtin("carveout")->make(parameters());
    ASSERT_TRUE(heap);
    EXPECT_EQ((*heap)->usage().total, 1U << 20);
    EXPECT_EQ((*(*heap)->allocate({.size_bytes = 4096}))->placement()[0].base, 0x2d300000U);
}

TEST(HeapCatalog, SaysWhyAHeapCannotBeMade) {
    HeapParameters no_base = parameters();
    no_base.base = 0;
    const auto heap = find_builtin("carveout")->make(std::move(no_base));
    ASSERT_FALSE(heap);
    EXPECT_EQ(heap.error().code, EINVAL);
    EXPECT_THAT(heap.error().context, HasSubstr("the base"));
}

TEST(HeapCatalog, SaysThatAHeapHasNoExporters) {
    for (const HeapType& type : types_with_exporters()) {
        HeapParameters none = parameters(type.options);
        none.exporters.clear();
        const auto heap = type.make(std::move(none));
        ASSERT_FALSE(heap) << type.name;
        EXPECT_THAT(heap.error().context, HasSubstr("none of the exporters"));
    }
}

TEST(HeapCatalog, RefusesARegionThatIsNone) {
    const std::array<PlacedRange, 5> wrong{{{.base = 0, .size = 4096},
                                            {.base = 4096, .size = 0},
                                            {.base = 4097, .size = 4096},
                                            {.base = 4096, .size = 4097},
                                            {.base = ~0ULL - 4095, .size = 8192}}};
    for (const PlacedRange& region : wrong) {
        HeapParameters bad = parameters();
        bad.base = region.base;
        bad.size = region.size;
        const auto heap = find_builtin("carveout")->make(std::move(bad));
        ASSERT_FALSE(heap) << region.base << " " << region.size;
        EXPECT_EQ(heap.error().code, EINVAL);
    }
}

TEST(HeapCatalog, RefusesACarveoutAlignmentThatIsNoPowerOfTwo) {
    HeapParameters bad = parameters();
    bad.align = 12288;
    const auto heap = find_builtin("carveout")->make(std::move(bad));
    ASSERT_FALSE(heap);
    EXPECT_EQ(heap.error().code, EINVAL);
}

}  // namespace
}  // namespace ion
