// SPDX-License-Identifier: Apache-2.0

#include "heaps/address_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ion {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ParseAddresses, ReadsHexadecimalAndQuantities) {
    EXPECT_THAT(*parse_addresses("0x2d300000,4G,16M,0xFFFFffffFFFFffff"),
                ElementsAre(0x2d300000, 1ULL << 32, 1ULL << 24, UINT64_MAX));
    EXPECT_THAT(*parse_addresses(""), IsEmpty());
}

TEST(ParseAddresses, RefusesWhatIsNone) {
    for (const char* text : {",", "1,", ",1", "1,,2", "x", "0x", "0xg", "0x1 ", "-1", "4G;"}) {
        const auto addresses = parse_addresses(text);
        ASSERT_FALSE(addresses) << text;
        EXPECT_EQ(addresses.error().code, EINVAL) << text;
    }
    EXPECT_EQ(parse_addresses("0x10000000000000000").error().code, EOVERFLOW);
}

TEST(ParseRanges, ReadsBaseAndSize) {
    EXPECT_THAT(*parse_ranges("0x2d400000+64K,1G+0x1000"),
                ElementsAre(PlacedRange{0x2d400000, 65536}, PlacedRange{1 << 30, 4096}));
    EXPECT_THAT(*parse_ranges(""), IsEmpty());
}

TEST(ParseRanges, RefusesWhatIsNoRangeOfWholePages) {
    for (const char* text : {"0x1000", "0x1000+", "+4K", "0x1000+0", "0x1001+4K", "0x1000+1", "0x1000+4K+4K",
                             "0x1000+4K,", "0xfffffffffffff000+8K"}) {
        const auto ranges = parse_ranges(text);
        ASSERT_FALSE(ranges) << text;
        EXPECT_EQ(ranges.error().code, EINVAL) << text;
    }
}

}  // namespace
}  // namespace ion
