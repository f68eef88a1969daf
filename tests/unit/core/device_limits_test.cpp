// SPDX-License-Identifier: Apache-2.0
//
// What a Device refuses because of limits and access, and that a refusal leaves nothing behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/core/device.h"
#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kLow = 1U << 1;
constexpr std::uint32_t kBoth = 1U << 1 | 1U << 4;

Limits limited(Scope scope, Amounts most) {
    Limits limits = kNoLimits;
    limits[static_cast<std::size_t>(scope)] = most;
    return limits;
}

class DeviceLimitsTest : public testing::Test, protected FakeDevice {
  protected:
    /// The errno of an allocation of a page with a handle, or 0; nothing is kept of a refused one.
    int error_of_page(ClientId client, std::uint32_t mask = kLow) {
        Transaction tx;
        const auto buffer = device.allocate(tx, client, {4096, 0, mask, 0, HeapOrder::kAscending, false});
        if (!buffer) {
            last_ = buffer.error().context;
            return buffer.error().code;
        }
        const auto handle = device.add_handle(tx, client, *buffer);
        if (!handle) {
            last_ = handle.error().context;
            return handle.error().code;
        }
        EXPECT_TRUE(device.commit(std::move(tx)));
        return 0;
    }

    std::string last_;
};

TEST_F(DeviceLimitsTest, TheOneBeyondTheLimitIsRefusedUntilOneIsFreed) {
    device.set_limits(limited(Scope::kClient, {2 * 4096, kUnlimited, kUnlimited}));
    const ClientId client = open();
    const auto [buffer, handle] = allocate(client, kLow);
    EXPECT_EQ(error_of_page(client), 0);
    EXPECT_EQ(error_of_page(client), ENOMEM);
    EXPECT_EQ(last_, "limits.client.bytes is 8K: 8K held, 4K asked");
    EXPECT_EQ(low.usage().allocated, 2 * 4096U);
    EXPECT_EQ(error_of_page(open()), 0) << "another client";

    Transaction tx;
    ASSERT_TRUE(device.free(tx, client, handle.value));
    ASSERT_TRUE(device.commit(std::move(tx)));
    ASSERT_TRUE(device.release_if_idle(buffer));
    EXPECT_EQ(error_of_page(client), 0);
}

TEST_F(DeviceLimitsTest, AUserIsOneOverAllItsClients) {
    device.set_limits(limited(Scope::kUid, {kUnlimited, 2, kUnlimited}));
    EXPECT_EQ(error_of_page(open(Opener{.pid = 1, .uid = 7})), 0);
    EXPECT_EQ(error_of_page(open(Opener{.pid = 2, .uid = 7})), 0);
    EXPECT_EQ(error_of_page(open(Opener{.pid = 3, .uid = 7})), ENOMEM);
    EXPECT_EQ(error_of_page(open(Opener{.pid = 4, .uid = 8})), 0);
}

TEST_F(DeviceLimitsTest, AControlGroupPaysForWhatItsClientsLeftBehind) {
    device.set_limits(limited(Scope::kCgroup, {kUnlimited, 1, kUnlimited}));
    const ClientId gone = open(Opener{.pid = 1, .cgroup = "/a"});
    const auto [buffer, handle] = allocate(gone, kLow);
    const ClientId other = open(Opener{.pid = 2, .cgroup = "/b"});
    Transaction tx;
    ASSERT_TRUE(device.import(tx, other, file_of(buffer)));
    ASSERT_TRUE(device.commit(std::move(tx)));
    close(gone);

    EXPECT_EQ(error_of_page(open(Opener{.pid = 3, .cgroup = "/a"})), ENOMEM);
    EXPECT_EQ(error_of_page(other), 0) << "it has the buffer, but did not make it";
    close(other);
    ASSERT_TRUE(device.release_if_idle(buffer));
    EXPECT_EQ(error_of_page(open(Opener{.pid = 3, .cgroup = "/a"})), 0);
}

TEST_F(DeviceLimitsTest, HandlesAreCountedWhoeverMadeTheBuffer) {
    device.set_limits(limited(Scope::kClient, {kUnlimited, kUnlimited, 1}));
    const ClientId maker = open();
    const auto [buffer, handle] = allocate(maker, kLow);
    EXPECT_EQ(error_of_page(maker), ENOMEM);
    EXPECT_EQ(low.usage().allocated, 4096U) << "what was allocated for the handle is gone";

    const ClientId importer = open();
    EXPECT_EQ(error_of_page(importer), 0);
    Transaction tx;
    const auto refused = device.import(tx, importer, file_of(buffer));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ENOMEM);
    EXPECT_THAT(refused.error().context, HasSubstr("limits.client.handles is 1"));
    EXPECT_THAT(tx.records, IsEmpty());
    EXPECT_TRUE(device.import(tx, maker, file_of(buffer))) << "the same handle once more";
}

TEST_F(DeviceLimitsTest, AHeapThatRefusesLeavesItToTheNext) {
    heaps.set_rules(HeapId{1}, {.limits = limited(Scope::kTotal, {4096, kUnlimited, kUnlimited})});
    const ClientId client = open();
    EXPECT_EQ(error_of_page(client, kBoth), 0);
    EXPECT_EQ(error_of_page(client, kBoth), 0);
    EXPECT_EQ(low.usage().allocated, 4096U);
    EXPECT_EQ(high.usage().allocated, 4096U);
    EXPECT_EQ(error_of_page(client, kLow), ENOMEM);
    EXPECT_EQ(last_, "low: heap.limits.total.bytes is 4K: 4K held, 4K asked");
}

TEST_F(DeviceLimitsTest, OnlyThoseWhoMayAllocateFromAHeap) {
    heaps.set_rules(HeapId{1}, {.access = {.uids = {5}, .gids = {44}, .mode = 0220}});
    EXPECT_EQ(error_of_page(open(Opener{.uid = 5})), 0);
    EXPECT_EQ(error_of_page(open(Opener{.uid = 6, .gids = {1, 44}})), 0);
    EXPECT_EQ(error_of_page(open(Opener{.uid = 6})), EACCES);
    EXPECT_EQ(last_, "low: uid 6 may not allocate from it");
    EXPECT_EQ(error_of_page(open(Opener{.uid = 6}), kBoth), 0) << "from the other";
}

TEST_F(DeviceLimitsTest, ANewWorkerCountsTheSame) {
    const ClientId client = open(Opener{.pid = 1, .uid = 7, .cgroup = "/a", .gids = {44}});
    (void)allocate(client, kLow);
    State again;
    device.state().describe([&](const Record& record) { EXPECT_TRUE(again.apply(record)); });

    const Payer payer = payer_of(*again.client(client));
    for (const Scope scope : {Scope::kClient, Scope::kUid, Scope::kCgroup, Scope::kTotal}) {
        EXPECT_EQ(again.charges().held(scope, payer), (Amounts{4096, 1, 1}));
    }
    EXPECT_EQ(again.client(client)->gids, std::vector<std::uint32_t>{44});
}

}  // namespace
}  // namespace ion
