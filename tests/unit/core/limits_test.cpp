// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/limits.h"

#include <gtest/gtest.h>

#include "daemon/core/limit_check.h"

namespace ion {
namespace {

constexpr HeapId kHeap{3};
const Payer kPayer{ClientId{1}, 1000, "/a"};

Limits limited(Scope scope, Amounts most) {
    Limits limits = kNoLimits;
    limits[static_cast<std::size_t>(scope)] = most;
    return limits;
}

TEST(Limits, AllowWhatReachesThemAndRefuseOneMore) {
    Charges charges;
    charges.add(kPayer, kHeap, {60 << 20, 3, 2});
    const Limits limits = limited(Scope::kUid, {64 << 20, 4, 3});

    EXPECT_TRUE(check_limits(limits, charges, kPayer, {4 << 20, 1, 1}));
    const auto bytes = check_limits(limits, charges, kPayer, {8 << 20, 1, 1});
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, ENOMEM);
    EXPECT_EQ(bytes.error().context, "limits.uid.bytes is 64M: 60M held, 8M asked");
    EXPECT_EQ(check_limits(limits, charges, kPayer, {0, 2, 0}).error().context,
              "limits.uid.buffers is 4: 3 held, 2 asked");
    EXPECT_EQ(check_limits(limits, charges, kPayer, {0, 0, 2}).error().context,
              "limits.uid.handles is 3: 2 held, 2 asked");
}

TEST(Limits, ThatWereLoweredBelowWhatIsHeldRefuseOnlyMore) {
    Charges charges;
    charges.add(kPayer, kHeap, {60, 3, 2});
    const Limits limits = limited(Scope::kClient, {10, 1, 1});

    EXPECT_FALSE(check_limits(limits, charges, kPayer, {1, 0, 0}));
    EXPECT_TRUE(check_limits(limits, charges, kPayer, {0, 0, 0}));
}

TEST(Limits, OfAHeapCountThatHeapAlone) {
    Charges charges;
    charges.add(kPayer, HeapId{9}, {60, 3, 2});

    const Limits limits = limited(Scope::kTotal, {10, 1, 1});
    EXPECT_TRUE(check_heap_limits(limits, charges, kPayer, kHeap, {10, 1, 1}));
    const auto refused = check_heap_limits(limits, charges, kPayer, kHeap, {4096, 1, 1});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().context, "heap.limits.total.bytes is 10: 0 held, 4K asked");
}

TEST(Access, IsThatOfTheFirstClassTheCallerIsIn) {
    const Access access{.uids = {1000}, .gids = {44}, .mode = 0020};

    const std::vector<std::uint32_t> groups{100, 44};
    EXPECT_FALSE(may_allocate(access, {1000, 44, {}})) << "owner, although its group may";
    EXPECT_TRUE(may_allocate(access, {1, 44, {}}));
    EXPECT_TRUE(may_allocate(access, {1, 1, groups}));
    EXPECT_FALSE(may_allocate(access, {1, 100, {}}));
    EXPECT_TRUE(may_allocate(Access{}, {65534, 65534, {}})) << "everybody, where nobody is named";
}

}  // namespace
}  // namespace ion
