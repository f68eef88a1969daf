// SPDX-License-Identifier: Apache-2.0

#include "heaps/heap_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ion {
namespace {

using ::testing::HasSubstr;

HeapParameters parameters() {
    return {.id = 24,
            .name = "sf",
            .base = 0x2d300000,
            .size = 1 << 20,
            .exporters = {ExporterKind::kMemfd},
            .total_ram = 1 << 30,
            .arena = UniqueFd()};
}

TEST(HeapCatalog, HasTheKernelsNumberOfEachType) {
    ASSERT_NE(find_heap_type("system"), nullptr);
    EXPECT_EQ(find_heap_type("system")->kernel_number, 0U);
    ASSERT_NE(find_heap_type("carveout"), nullptr);
    EXPECT_EQ(find_heap_type("carveout")->kernel_number, 2U);
}

TEST(HeapCatalog, KnowsNoOtherName) {
    EXPECT_EQ(find_heap_type("Carveout"), nullptr);
    EXPECT_EQ(find_heap_type(""), nullptr);
}

TEST(HeapCatalog, MakesAHeapOfEachType) {
    for (const HeapType& type : heap_types()) {
        const auto heap = type.make(parameters());
        ASSERT_TRUE(heap) << type.name << ": " << heap.error().context;
        EXPECT_TRUE((*heap)->allocate({.size_bytes = 4096})) << type.name;
    }
}

TEST(HeapCatalog, PlacesACarveoutInItsRegion) {
    const auto heap = find_heap_type("carveout")->make(parameters());
    ASSERT_TRUE(heap);
    EXPECT_EQ((*heap)->usage().total, 1U << 20);
    EXPECT_EQ((*(*heap)->allocate({.size_bytes = 4096}))->placement()[0].base, 0x2d300000U);
}

TEST(HeapCatalog, NamesTheHeapThatCannotBeMade) {
    HeapParameters no_base = parameters();
    no_base.base = 0;
    const auto heap = find_heap_type("carveout")->make(std::move(no_base));
    ASSERT_FALSE(heap);
    EXPECT_EQ(heap.error().code, EINVAL);
    EXPECT_THAT(heap.error().context, HasSubstr("heap sf: carveout: the base"));
}

TEST(HeapCatalog, NamesTheHeapThatHasNoExporters) {
    for (const HeapType& type : heap_types()) {
        HeapParameters none = parameters();
        none.exporters.clear();
        const auto heap = type.make(std::move(none));
        ASSERT_FALSE(heap) << type.name;
        EXPECT_THAT(heap.error().context, HasSubstr("heap sf: none of the exporters"));
    }
}

}  // namespace
}  // namespace ion
