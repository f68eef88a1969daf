// SPDX-License-Identifier: Apache-2.0

#include "heaps/dmabuf.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "heaps/memfd.h"

namespace ion {
namespace {

struct CountCase {
    const char* text;
    std::optional<unsigned long> count;
};

void PrintTo(const CountCase& c, std::ostream* out) {
    *out << ::testing::PrintToString(std::string(c.text));
}

class DmabufCount : public ::testing::TestWithParam<CountCase> {};

TEST_P(DmabufCount, IsReadFromFdinfo) {
    EXPECT_EQ(parse_dmabuf_count(GetParam().text), GetParam().count);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, DmabufCount,
    ::testing::Values(
        CountCase{
            "pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t2\nsize:\t8192\ncount:\t1\nexp_name:\tudmabuf\n",
            1},
        CountCase{"size:\t8192\ncount:\t17\nexp_name:\tvgem\nname:\tx\n", 17},
        CountCase{"size:\t1\ncount:\t3\nexp_name:\tsystem\nname:\t\ncount:\t1\n", 3},
        CountCase{"pos:\t0\nflags:\t02\nmnt_id:\t15\n", std::nullopt},
        CountCase{"size:\t1\ncount:\t", std::nullopt}, CountCase{"size:\t1\ncount:\t1", std::nullopt},
        CountCase{"size:\t1\ncount:\t-1\n", std::nullopt}, CountCase{"size:\t1\nrecount:\t1\n", std::nullopt},
        CountCase{"", std::nullopt}));

TEST(DmabufMemory, IsNotIdleWhenItsReferencesCannotBeCounted) {
    auto no_dmabuf = make_sealed_memfd("test", 4096);
    ASSERT_TRUE(no_dmabuf);
    const auto memory = DmabufMemory::adopt(ExporterKind::kVgem, *std::move(no_dmabuf));
    ASSERT_TRUE(memory);
    EXPECT_FALSE((*memory)->idle());
}

}  // namespace
}  // namespace ion
