// SPDX-License-Identifier: Apache-2.0
//
// In which order requests of several owners are served.

#include "daemon/transport/turn_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr TurnOwner kFlood = 1;
constexpr TurnOwner kOther = 2;
constexpr TurnOwner kThird = 3;

class Turns : public testing::Test {
  protected:
    /// Serves what may be served, each to its end at once or, with `stay`, none.
    std::vector<SlotIndex> served(bool stay = false) {
        std::vector<SlotIndex> slots;
        while (const auto slot = queue.next()) {
            slots.push_back(*slot);
            if (!stay) {
                queue.finished(*slot);
            }
        }
        return slots;
    }

    TurnQueue queue{2};
};

TEST_F(Turns, OfOneOwnerAreInTheOrderOfItsRequests) {
    for (SlotIndex slot = 0; slot < 4; ++slot) {
        queue.add(kFlood, slot);
    }
    EXPECT_THAT(served(), ElementsAre(0, 1, 2, 3));
    EXPECT_TRUE(queue.empty());
}

TEST_F(Turns, GoRoundBetweenOwners) {
    for (SlotIndex slot = 0; slot < 4; ++slot) {
        queue.add(kFlood, slot);
    }
    queue.add(kOther, 10);
    queue.add(kOther, 11);
    queue.add(kThird, 20);
    EXPECT_THAT(served(), ElementsAre(0, 10, 20, 1, 11, 2, 3));
}

TEST_F(Turns, WhoComesToAFloodWaitsForOneRequestOfEach) {
    for (SlotIndex slot = 0; slot < 100; ++slot) {
        queue.add(kFlood, slot);
    }
    const auto first = queue.next();
    queue.add(kOther, 200);
    queue.finished(*first);
    EXPECT_EQ(queue.next(), 200U) << "the flood has had its turn in this round";
    EXPECT_FALSE(queue.empty());
}

/// Two who ask again as soon as they are answered must not keep out one that has many requests waiting.
TEST_F(Turns, ThoseWhoComeBackAtOnceWaitForTheOthersOfTheRound) {
    for (SlotIndex slot = 0; slot < 100; ++slot) {
        queue.add(kFlood, slot);
    }
    int of_flood = 0;
    queue.add(kOther, 200);
    queue.add(kThird, 300);
    for (int i = 0; i < 90; ++i) {
        const SlotIndex slot = *queue.next();
        queue.finished(slot);
        of_flood += slot < 100 ? 1 : 0;
        if (slot >= 100) {
            queue.add(slot >= 300 ? kThird : kOther, slot);
        }
    }
    EXPECT_EQ(of_flood, 30) << "a third of 90";
}

TEST_F(Turns, AreTheSameForAnyNumberOfOwnersThatHaveGone) {
    for (TurnOwner owner = 10; owner < 10'000; ++owner) {
        queue.add(owner, 0);
        EXPECT_EQ(queue.next(), 0U);
        queue.finished(0);
    }
    queue.add(kFlood, 0);
    queue.add(kFlood, 1);
    queue.add(kOther, 10);
    EXPECT_THAT(served(), ElementsAre(0, 10, 1));
}

TEST_F(Turns, HaveSoManyInProgressOfOneOwnerAndNotMore) {
    for (SlotIndex slot = 0; slot < 5; ++slot) {
        queue.add(kFlood, slot);
    }
    queue.add(kOther, 10);
    EXPECT_THAT(served(true), ElementsAre(0, 10, 1));
    EXPECT_FALSE(queue.ready());
    EXPECT_FALSE(queue.empty());
    queue.finished(10);
    EXPECT_THAT(served(true), IsEmpty()) << "that was another's";
    queue.finished(1);
    EXPECT_THAT(served(true), ElementsAre(2));
    queue.finished(0);
    queue.finished(2);
    EXPECT_THAT(served(true), ElementsAre(3, 4));
    EXPECT_TRUE(queue.empty());
}

TEST_F(Turns, IgnoreTheEndOfWhatTheyDidNotGive) {
    queue.finished(7);
    queue.add(kFlood, 0);
    queue.finished(0);
    EXPECT_THAT(served(true), ElementsAre(0));
    queue.finished(0);
    queue.finished(0);
    queue.add(kFlood, 0);
    EXPECT_THAT(served(), ElementsAre(0));
}

}  // namespace
}  // namespace ion
