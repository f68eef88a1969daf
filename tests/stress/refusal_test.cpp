// SPDX-License-Identifier: Apache-2.0
//
// A program that asks on and on for what it may not have.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

using ::testing::ElementsAre;

TEST(Refusals, AMillionAreNotAMillionLinesOfLog) {
    Daemon daemon({.config = "[limits.client]\nbuffers = 1\n"});
    const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
    const auto before = lines(daemon.log());
    Program program(client_path("refused"), {daemon.device(), "0x1", "1000001"});
    EXPECT_THAT(program.read_lines(std::chrono::seconds(300)), ElementsAre("ok 1", "12 1000000"));
    EXPECT_EQ(program.wait(), 0);
    EXPECT_LT(lines(daemon.log()) - before, 100);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
