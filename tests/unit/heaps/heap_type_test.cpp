// SPDX-License-Identifier: Apache-2.0

#include "heaps/heap_type.h"

#include <gtest/gtest.h>

#include <array>

namespace ion {
namespace {

constexpr std::array kTypes{
    HeapType{.name = "plain", .mainline_number = 0, .msm34_number = 0},
    HeapType{.name = "cma", .other_name = "dma", .mainline_number = 4, .msm34_number = 5}};

TEST(FindHeapType, KnowsBothNamesOfAType) {
    EXPECT_EQ(find_heap_type(kTypes, "plain"), &kTypes[0]);
    EXPECT_EQ(find_heap_type(kTypes, "cma"), &kTypes[1]);
    EXPECT_EQ(find_heap_type(kTypes, "dma"), &kTypes[1]);
}

TEST(FindHeapType, KnowsNothingElse) {
    EXPECT_EQ(find_heap_type(kTypes, "DMA"), nullptr);
    EXPECT_EQ(find_heap_type(kTypes, ""), nullptr) << "the other name of a type that has none";
}

TEST(InitialOptions, AreThoseThatTheSpecsSay) {
    constexpr std::array kSpecs{
        OptionSpec{
            .name = "chunk_size", .kind = OptionKind::kSize, .initial = std::uint64_t{4096}, .help = ""},
        OptionSpec{.name = "pool", .kind = OptionKind::kBoolean, .initial = true, .help = ""},
        OptionSpec{.name = "device", .kind = OptionKind::kText, .initial = "system", .help = ""}};
    const Options options = initial_options(kSpecs);
    EXPECT_EQ(options.number("chunk_size"), 4096U);
    EXPECT_TRUE(options.flag("pool"));
    EXPECT_EQ(options.text("device"), "system");
}

TEST(Options, AreEqualWhenTheirValuesAre) {
    Options a;
    a.set("size", std::uint64_t{1});
    Options b = a;
    EXPECT_EQ(a, b);
    b.set("size", std::uint64_t{2});
    EXPECT_FALSE(a == b);
}

}  // namespace
}  // namespace ion
