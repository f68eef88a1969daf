// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/quantity.h"

#include <gtest/gtest.h>

#include <string>

namespace ion {
namespace {

struct Good {
    std::string text;
    std::uint64_t bytes;
};

void PrintTo(const Good& good, std::ostream* out) {
    *out << good.text;
}

class GoodQuantity : public testing::TestWithParam<Good> {};

TEST_P(GoodQuantity, IsReadInPowersOf1024) {
    const auto bytes = parse_quantity(GetParam().text);
    ASSERT_TRUE(bytes) << bytes.error().context;
    EXPECT_EQ(*bytes, GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(Quantity, GoodQuantity,
                         testing::Values(Good{"0", 0}, Good{"4096", 4096}, Good{"64K", 65536},
                                         Good{"35M", 36700160}, Good{"1G", 1073741824},
                                         Good{"18446744073709551615", UINT64_MAX},
                                         Good{"17179869183G", 17179869183ULL << 30}));

TEST_P(GoodQuantity, IsReadFromItsShortestText) {
    const std::string text = quantity_text(GetParam().bytes);
    EXPECT_EQ(*parse_quantity(text), GetParam().bytes);
    EXPECT_LE(text.size(), GetParam().text.size());
}

class BadQuantity : public testing::TestWithParam<std::string> {};

TEST_P(BadQuantity, IsRefused) {
    const auto bytes = parse_quantity(GetParam());
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, EINVAL);
}

INSTANTIATE_TEST_SUITE_P(Quantity, BadQuantity,
                         testing::Values("", "K", "-1", "+1", " 1", "1 ", "1 M", "1k", "1MB", "1T", "0x1000",
                                         "1.5M"));

class HugeQuantity : public testing::TestWithParam<std::string> {};

TEST_P(HugeQuantity, OverflowsInsteadOfWrapping) {
    const auto bytes = parse_quantity(GetParam());
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, EOVERFLOW);
}

INSTANTIATE_TEST_SUITE_P(Quantity, HugeQuantity,
                         testing::Values("18446744073709551616", "17179869184G", "99999999999999999999K"));

}  // namespace
}  // namespace ion
