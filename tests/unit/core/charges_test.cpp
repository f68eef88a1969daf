// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/charges.h"

#include <gtest/gtest.h>

#include <ostream>

namespace ion {

void PrintTo(const Amounts& amounts, std::ostream* out) {
    *out << amounts.bytes << " bytes, " << amounts.buffers << " buffers, " << amounts.handles << " handles";
}

namespace {

constexpr HeapId kHeap{3};
constexpr HeapId kOther{4};
const Payer kOne{ClientId{1}, 1000, "/a"};
const Payer kSameUser{ClientId{2}, 1000, "/b"};
const Payer kNoGroup{ClientId{3}, 7, ""};

TEST(Charges, SumsForEachScopeAndHeap) {
    Charges charges;
    charges.add(kOne, kHeap, {100, 1, 0});
    charges.add(kSameUser, kOther, {50, 1, 1});
    charges.add(kNoGroup, kHeap, {8, 1, 0});

    EXPECT_EQ(charges.held(Scope::kClient, kOne), (Amounts{100, 1, 0}));
    EXPECT_EQ(charges.held(Scope::kUid, kOne), (Amounts{150, 2, 1}));
    EXPECT_EQ(charges.held(Scope::kUid, kOne, kHeap), (Amounts{100, 1, 0}));
    EXPECT_EQ(charges.held(Scope::kCgroup, kSameUser), (Amounts{50, 1, 1}));
    EXPECT_EQ(charges.held(Scope::kCgroup, kNoGroup), Amounts{}) << "unknown groups are not one group";
    EXPECT_EQ(charges.held(Scope::kTotal, kOne), (Amounts{158, 3, 1}));
    EXPECT_EQ(charges.held(Scope::kTotal, kOne, kHeap), (Amounts{108, 2, 0}));
}

TEST(Charges, OfAClosedClientLastUntilTheyAreGivenBack) {
    Charges charges;
    charges.open(kOne);
    charges.add(kOne, kHeap, {100, 1, 1});
    charges.remove(kOne, kHeap, {0, 0, 1});
    charges.close(kOne);
    EXPECT_EQ(charges.held(Scope::kUid, kSameUser), (Amounts{100, 1, 0}));
    EXPECT_EQ(charges.accounts(), 3U);

    charges.remove(kOne, kHeap, {100, 1, 0});
    EXPECT_EQ(charges.held(Scope::kUid, kSameUser), Amounts{});
    EXPECT_EQ(charges.accounts(), 0U);
}

TEST(Charges, KeepAnEmptyAccountWhileAClientIsOpen) {
    Charges charges;
    charges.open(kOne);
    charges.open(kSameUser);
    charges.add(kOne, kHeap, {100, 1, 1});
    charges.remove(kOne, kHeap, {100, 1, 1});
    EXPECT_EQ(charges.accounts(), 5U) << "two clients, one user, two groups";

    charges.close(kOne);
    EXPECT_EQ(charges.accounts(), 3U);
    charges.close(kSameUser);
    EXPECT_EQ(charges.accounts(), 0U);
}

}  // namespace
}  // namespace ion
