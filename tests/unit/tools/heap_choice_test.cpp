// SPDX-License-Identifier: Apache-2.0

#include "client/tools/heap_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using ::testing::HasSubstr;

const std::string kBuddy = ION_BINARY_DIR "/lib/buddy.so";
const std::string kTlsf = ION_BINARY_DIR "/lib/tlsf.so";

std::string mistake_in(const std::string& text) {
    const auto choice = choose_heap(text);
    EXPECT_FALSE(choice) << text;
    return choice ? std::string() : choice.error().context;
}

TEST(HeapChoice, FindsBuiltInTypes) {
    const auto choice = choose_heap("carveout");
    ASSERT_TRUE(choice) << choice.error().context;
    EXPECT_EQ(choice->type.name, "carveout");
}

TEST(HeapChoice, FindsTheTypesOfPlugIns) {
    for (const std::string& text : {kBuddy, kBuddy + "@buddy"}) {
        const auto choice = choose_heap(text);
        ASSERT_TRUE(choice) << choice.error().context;
        EXPECT_EQ(choice->type.name, "buddy");
        EXPECT_FALSE(choice->options.flag("trim")) << "its initial value";
    }
}

TEST(HeapChoice, ReadsOptions) {
    const auto buddy = choose_heap(kBuddy + ":trim=true");
    ASSERT_TRUE(buddy) << buddy.error().context;
    EXPECT_TRUE(buddy->options.flag("trim"));
    const auto tlsf = choose_heap(kTlsf + "@tlsf:step_bits=3");
    ASSERT_TRUE(tlsf) << tlsf.error().context;
    EXPECT_EQ(tlsf->options.number("step_bits"), 3U);
}

TEST(HeapChoice, SaysWhatThereIsToChooseFrom) {
    EXPECT_THAT(mistake_in("nonsense"), HasSubstr("no heap type \"nonsense\"; there are system, "));
    EXPECT_THAT(mistake_in(kBuddy + "@other"), HasSubstr("name one of its types"));
    EXPECT_THAT(mistake_in(kBuddy + ":other=1"),
                HasSubstr("\"other=1\" is no option of buddy (KEY=VALUE; it has: trim)"));
    EXPECT_THAT(mistake_in(kBuddy + ":trim"), HasSubstr("\"trim\" is no option"));
    EXPECT_THAT(mistake_in(kBuddy + ":trim=maybe"), HasSubstr("trim is true or false, not \"maybe\""));
    EXPECT_THAT(mistake_in(kTlsf + ":step_bits=6"),
                HasSubstr("step_bits is a number from 0 to 5, not \"6\""));
    EXPECT_THAT(mistake_in("carveout:x=1"), HasSubstr("is no option of carveout"));
    EXPECT_THAT(mistake_in("/nonexistent.so"), HasSubstr("/nonexistent.so"));
}

}  // namespace
