// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/heap_types.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ion {
namespace {

struct Row {
    std::string type;
    std::optional<std::uint32_t> mainline;
    std::optional<std::uint32_t> msm34;
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.type;
}

class HeapTypeNumber : public testing::TestWithParam<Row> {};

TEST_P(HeapTypeNumber, IsThatOfTheCallersHeader) {
    for (const Personality personality : {Personality::kAuto, Personality::kLegacy, Personality::kModern}) {
        EXPECT_EQ(heap_type_number(GetParam().type, personality), GetParam().mainline);
    }
    EXPECT_EQ(heap_type_number(GetParam().type, Personality::kMsm34), GetParam().msm34);
}

INSTANTIATE_TEST_SUITE_P(HeapTypes, HeapTypeNumber,
                         testing::Values(Row{"system", 0, 0}, Row{"system_contig", 1, 1},
                                         Row{"carveout", 2, 2}, Row{"chunk", 3, std::nullopt},
                                         Row{"iommu", std::nullopt, 3}, Row{"cp", std::nullopt, 4},
                                         Row{"dma", 4, 5}, Row{"cma", 4, 5}, Row{"custom", 5, 6},
                                         Row{"no_such_type", std::nullopt, std::nullopt}));

TEST(HeapTypes, HaveANumberInEveryAbiWhenConfigurable) {
    for (const std::string_view type : configurable_heap_types()) {
        EXPECT_TRUE(heap_type_number(type, Personality::kAuto)) << type;
        EXPECT_TRUE(heap_type_number(type, Personality::kMsm34)) << type;
    }
}

}  // namespace
}  // namespace ion
