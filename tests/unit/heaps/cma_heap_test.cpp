// SPDX-License-Identifier: Apache-2.0

#include "heaps/cma_heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

using ::testing::HasSubstr;

class CmaHeapTest : public ::testing::Test {
  protected:
    CmaHeapTest() { parameters_.options = initial_options(kCmaOptions); }

    std::unique_ptr<Heap> make() {
        auto heap = make_cma_heap(std::move(parameters_));
        EXPECT_TRUE(heap) << heap.error().context;
        return heap ? *std::move(heap) : nullptr;
    }
    std::string refusal() {
        const auto heap = make_cma_heap(std::move(parameters_));
        EXPECT_FALSE(heap);
        return heap ? "" : std::to_string(heap.error().code) + " " + heap.error().context;
    }
    static int error_of(Heap& heap, const HeapRequest& request) {
        const auto backing = heap.allocate(request);
        return backing ? 0 : backing.error().code;
    }

    HeapParameters parameters_{.id = 20,
                               .name = "camera_preview",
                               .base = 0x2d300000,
                               .size = 1 << 20,
                               .exporters = {ExporterKind::kMemfd}};
};

TEST_F(CmaHeapTest, ShowsItsBuffersAlone) {
    const auto heap = make();
    const auto backing = heap->allocate({.size_bytes = kPageSize});
    EXPECT_EQ(heap->memory_map(), MemoryMap::kRanges);
    EXPECT_EQ(heap->print_debug(DebugLayout::kA), "");
    EXPECT_EQ(heap->print_debug(DebugLayout::kB), "");
    EXPECT_EQ(*heap->phys(**backing), 0x2d300000U);
    EXPECT_FALSE(heap->defers_free());
}

TEST_F(CmaHeapTest, FailsWithTheReasonsErrno) {
    const auto heap = make();
    EXPECT_EQ(error_of(*heap, {.size_bytes = 2 << 20}), ENOMEM);
    EXPECT_EQ(error_of(*heap, {.size_bytes = kPageSize, .align_bytes = 2 * kPageSize}), EINVAL);
}

TEST_F(CmaHeapTest, FailsAlwaysWithMinusOneInGenerationA) {
    parameters_.generation_a = true;
    const auto heap = make();
    EXPECT_EQ(error_of(*heap, {.size_bytes = 2 << 20}), EPERM);
    EXPECT_EQ(error_of(*heap, {.size_bytes = 100}), EPERM);
    EXPECT_EQ(error_of(*heap, {.size_bytes = kPageSize, .align_bytes = 2 * kPageSize}), 0) << "not looked at";
}

TEST_F(CmaHeapTest, PassesOverRangesThatAreBusy) {
    parameters_.options.set("busy", std::string("0x2d300000+4K,0x2d302000+56K"));
    const auto heap = make();
    const auto one = heap->allocate({.size_bytes = kPageSize});
    ASSERT_TRUE(one);
    EXPECT_EQ((*one)->placement()[0].base, 0x2d301000U);
    const auto other = heap->allocate({.size_bytes = kPageSize});
    ASSERT_TRUE(other);
    EXPECT_EQ((*other)->placement()[0].base, 0x2d310000U);
}

TEST_F(CmaHeapTest, TakesItsOptions) {
    parameters_.base = 0x2d302000;
    parameters_.options.set("order_per_bit", std::uint64_t{1});
    parameters_.options.set("cma_alignment", std::uint64_t{0});
    const auto heap = make();
    const auto backing = heap->allocate({.size_bytes = 3 * kPageSize});
    ASSERT_TRUE(backing);
    EXPECT_EQ((*backing)->placement()[0], (PlacedRange{0x2d302000, 4 * kPageSize}));
    EXPECT_EQ((*backing)->size(), 3 * kPageSize);
}

TEST_F(CmaHeapTest, HasNoMemoryAcrossZones) {
    parameters_.base = (1ULL << 32) - kPageSize;
    const auto heap = make();
    EXPECT_EQ(heap->usage().total, 0U);
    EXPECT_EQ(error_of(*heap, {.size_bytes = kPageSize}), ENOMEM);
}

TEST_F(CmaHeapTest, TakesItsZonesFromTheConfiguration) {
    parameters_.options.set("zones", std::string("0x2d301000"));
    EXPECT_EQ(make()->usage().total, 0U);
}

TEST_F(CmaHeapTest, SaysWhichOptionIsWrong) {
    const HeapParameters& good = parameters_;
    const auto refusal_with = [&](const char* option, Options::Value value) {
        const Options before = good.options;
        parameters_.options.set(option, std::move(value));
        auto text = refusal();
        parameters_ = {
            .base = 0x2d301000, .size = 1 << 20, .exporters = {ExporterKind::kMemfd}, .options = before};
        return text;
    };
    EXPECT_THAT(refusal_with("zones", std::string("4g")), HasSubstr("zones: \"4g\""));
    EXPECT_THAT(refusal_with("busy", std::string("4G")), HasSubstr("busy: \"4G\""));
    EXPECT_THAT(refusal_with("order_per_bit", std::uint64_t{1}), HasSubstr("2^order_per_bit"));
}

}  // namespace
}  // namespace ion
