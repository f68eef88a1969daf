// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/recent_texts.h"

#include <gtest/gtest.h>

namespace ion {
namespace {

using std::chrono::milliseconds;

constexpr RecentTexts::Clock::time_point kNow{};

TEST(RecentTexts, AreForOneThreadAndOneOpen) {
    RecentTexts texts;
    texts.remember(7, 1, kNow, "text");
    EXPECT_EQ(texts.find(8, 1, kNow), nullptr);
    EXPECT_EQ(texts.find(7, 2, kNow), nullptr);
    ASSERT_NE(texts.find(7, 1, kNow), nullptr);
    EXPECT_EQ(texts.take(7, 1, kNow), "text");
    EXPECT_EQ(texts.find(7, 1, kNow), nullptr);
    EXPECT_EQ(texts.take(7, 1, kNow), std::nullopt);
}

TEST(RecentTexts, ArePastAfterAWhile) {
    RecentTexts texts;
    texts.remember(7, 1, kNow, "text");
    const auto later = kNow + RecentTexts::kMostAge;
    EXPECT_NE(texts.find(7, 1, later), nullptr);
    EXPECT_EQ(texts.find(7, 1, later + milliseconds(1)), nullptr);
    EXPECT_EQ(texts.take(7, 1, later + milliseconds(1)), std::nullopt);
}

TEST(RecentTexts, AreReplacedByTheNext) {
    RecentTexts texts;
    texts.remember(7, 1, kNow, "old");
    texts.remember(7, 1, kNow, "new");
    EXPECT_EQ(texts.take(7, 1, kNow), "new");
    EXPECT_EQ(texts.take(7, 1, kNow), std::nullopt);
}

TEST(RecentTexts, AreBoundedInNumberAndBytes) {
    RecentTexts texts;
    for (std::int32_t thread = 0; thread <= static_cast<std::int32_t>(RecentTexts::kMost); ++thread) {
        texts.remember(thread, 1, kNow, "text");
    }
    EXPECT_EQ(texts.find(0, 1, kNow), nullptr);
    EXPECT_NE(texts.find(1, 1, kNow), nullptr);
    texts.remember(100, 1, kNow, std::string(RecentTexts::kMostBytes, 'x'));
    EXPECT_EQ(texts.find(1, 1, kNow), nullptr);
    EXPECT_NE(texts.find(100, 1, kNow), nullptr);
    texts.remember(101, 1, kNow, std::string(RecentTexts::kMostBytes + 1, 'x'));
    EXPECT_EQ(texts.find(101, 1, kNow), nullptr);
}

}  // namespace
}  // namespace ion
