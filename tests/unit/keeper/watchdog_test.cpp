// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/watchdog.h"

#include <gtest/gtest.h>

namespace ion {
namespace {

using Verdict = Watchdog::Verdict;
using std::chrono::seconds;

class WatchdogTest : public ::testing::Test {
  protected:
    /// `after`: the start.
    Verdict look(std::uint64_t turns, seconds after, bool serves = true) {
        return watchdog_.look(turns, serves, Watchdog::Clock::time_point() + after);
    }

    Watchdog watchdog_{seconds(30), Watchdog::Clock::time_point()};
};

TEST_F(WatchdogTest, ALoopThatTurnsIsAlive) {
    EXPECT_EQ(look(1, seconds(1)), Verdict::kAlive);
    EXPECT_EQ(look(2, seconds(100)), Verdict::kAlive);
}

TEST_F(WatchdogTest, OneThatStandsStillIsNoSignOfLifeAndHungAfterHalfOfTheLimit) {
    EXPECT_EQ(look(7, seconds(1)), Verdict::kAlive);
    EXPECT_EQ(look(7, seconds(16)), Verdict::kNothing);
    EXPECT_EQ(look(7, seconds(17)), Verdict::kHung);
    EXPECT_EQ(look(8, seconds(18)), Verdict::kAlive);
}

TEST_F(WatchdogTest, AWorkerThatStartsIsNeitherAliveNorHung) {
    EXPECT_EQ(look(7, seconds(1)), Verdict::kAlive);
    EXPECT_EQ(look(7, seconds(60), false), Verdict::kNothing);
    EXPECT_EQ(look(7, seconds(61)), Verdict::kNothing) << "the time of its start does not count";
}

TEST_F(WatchdogTest, ItLooksSeveralTimesWithinTheLimit) {
    EXPECT_LE(watchdog_.interval() * 4, seconds(15));
}

}  // namespace
}  // namespace ion
