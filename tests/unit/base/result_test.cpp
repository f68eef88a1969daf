// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace ion {
namespace {

TEST(Result, HoldsAValue) {
    Result<std::string> result(std::string("value"));

    ASSERT_TRUE(result);
    EXPECT_EQ(*result, "value");
    EXPECT_EQ(result->size(), 5U);
}

TEST(Result, HoldsAnError) {
    const Result<std::string> result = fail(ENOSPC, "full");

    ASSERT_FALSE(result);
    EXPECT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ENOSPC);
    EXPECT_EQ(result.error().context, "full");
}

TEST(Result, GivesAMoveOnlyValueAway) {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(7));

    const std::unique_ptr<int> taken = *std::move(result);

    EXPECT_EQ(*taken, 7);
}

TEST(Result, OfNothingSucceedsUnlessItFails) {
    const Result<void> good;
    const Result<void> bad = fail(EPERM, "no");

    EXPECT_TRUE(good);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, EPERM);
}

TEST(Result, NamesTheFailedCallAndItsReason) {
    const Error error = fail_errno(ENOENT, "open(config)");

    EXPECT_EQ(error.code, ENOENT);
    EXPECT_EQ(error.context, "open(config): No such file or directory");
}

}  // namespace
}  // namespace ion
