// SPDX-License-Identifier: Apache-2.0

#include "heaps/trace/address_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ion {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr PlacedRange kRegion{.base = 0x1000, .size = 0x4000};

std::string picture_of(const Replayed& replayed, const std::string& title = "heap") {
    const AddressPanel panel{.title = title, .region = kRegion, .replayed = &replayed};
    return address_map_svg({&panel, 1});
}

TEST(AddressMap, DrawsABufferWhereAndWhenItWas) {
    Replayed replayed;
    replayed.end_ns = 100;
    replayed.buffers.push_back({25, 75, {.base = 0x2000, .size = 0x2000}, "camera"});

    // The panel is 1000 wide from 110 and 260 high from 40: a quarter from the left, half as wide, in the middle.
    EXPECT_THAT(
        picture_of(replayed),
        HasSubstr("<rect x=\"360.00\" y=\"105.00\" width=\"500.00\" height=\"130.00\" fill=\"#0072b2\""));
}

TEST(AddressMap, MarksWhatWasRefused) {
    Replayed replayed;
    replayed.end_ns = 100;
    replayed.failed_ns = {50};
    EXPECT_THAT(picture_of(replayed), HasSubstr("<path d=\"M610.00 39.00v-8\""));
}

TEST(AddressMap, SaysWhenThereIsNothingToDraw) {
    EXPECT_THAT(picture_of({}), HasSubstr("nothing with an address"));
}

TEST(AddressMap, NamesCannotBreakTheDocument) {
    Replayed replayed;
    replayed.end_ns = 1;
    replayed.buffers.push_back({0, 1, kRegion, "<a&\"b>\n"});
    const std::string picture = picture_of(replayed, "</text><script>");
    EXPECT_THAT(picture, HasSubstr("&lt;a&amp;&quot;b&gt;?"));
    EXPECT_THAT(picture, HasSubstr("&lt;/text&gt;&lt;script&gt;"));
    EXPECT_THAT(picture, Not(HasSubstr("<script>")));
}

}  // namespace
}  // namespace ion
