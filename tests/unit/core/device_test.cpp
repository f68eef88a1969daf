// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DeviceTest : public testing::Test, protected FakeDevice {
  protected:
    /// State, heaps and numbers, all that a refused commit must leave alone.
    [[nodiscard]] std::vector<std::string> everything() const {
        auto all = described(device.state());
        all.push_back(std::to_string(low.usage().allocated) + " " + std::to_string(high.usage().allocated));
        return all;
    }
};

TEST_F(DeviceTest, TellsClientsOfOneProcessApart) {
    const ClientId first = open(7);
    const ClientId second = open(7);
    const ClientId other = open(8);
    const auto serial = [&](ClientId client) { return device.state().client(client)->opened.serial; };

    EXPECT_EQ(serial(first), 0U);
    EXPECT_EQ(serial(second), 1U);
    EXPECT_EQ(serial(other), 0U);

    close(first);
    EXPECT_EQ(device.state().client(open(7))->opened.serial, 2U);
}

TEST_F(DeviceTest, NeverUsesTheNumberOfAClosedClientAgain) {
    const ClientId first = open();
    close(first);

    EXPECT_NE(open(), first);
}

TEST_F(DeviceTest, RefusesToCloseAnUnknownClient) {
    Transaction tx;

    EXPECT_EQ(device.close_client(tx, ClientId{99}).error().code, EBADF);
    EXPECT_THAT(tx.records, IsEmpty());
}

TEST_F(DeviceTest, RoundsLengthsUpToPages) {
    const ClientId client = open();
    Transaction tx;

    const auto buffer = device.allocate(tx, client, {4097, 64, ~0U, 3, HeapOrder::kDescending, false});

    ASSERT_TRUE(buffer);
    EXPECT_EQ(high.calls().back().request.size_bytes, 8192U);
    EXPECT_EQ(high.calls().back().request.align_bytes, 64U);
    EXPECT_EQ(high.calls().back().request.flags, 3U);
}

TEST_F(DeviceTest, DroppingATransactionGivesItsMemoryBack) {
    const ClientId client = open();
    {
        Transaction tx;
        ASSERT_TRUE(device.allocate(tx, client, {4096, 0, 1U << 1, 0, HeapOrder::kAscending, false}));
        EXPECT_EQ(low.usage().allocated, 4096U);
    }
    EXPECT_EQ(low.usage().allocated, 0U);
    EXPECT_THAT(device.state().buffers(), IsEmpty());
}

TEST_F(DeviceTest, ARefusedCommitChangesNothing) {
    const ClientId client = open();
    const auto [buffer, handle] = allocate(client);
    const auto before = everything();
    log.refuse(true);

    const std::vector<std::function<void(Transaction&)>> changes = {
        [&](Transaction& tx) { (void)device.open_client(tx, {}); },
        [&](Transaction& tx) { EXPECT_TRUE(device.close_client(tx, client)); },
        [&](Transaction& tx) {
            const auto made = device.allocate(tx, client, {4096, 0, ~0U, 0, HeapOrder::kAscending, false});
            (void)device.add_handle(tx, client, *made);
        },
        [&, h = handle](Transaction& tx) { EXPECT_TRUE(device.free(tx, client, h.value)); },
        [&, b = buffer](Transaction& tx) { EXPECT_TRUE(device.import(tx, client, file_of(b))); },
    };
    for (const auto& change : changes) {
        Transaction tx;
        change(tx);
        ASSERT_FALSE(tx.records.empty());

        const auto committed = device.commit(std::move(tx));

        ASSERT_FALSE(committed);
        EXPECT_EQ(committed.error().code, ENOMEM);
        EXPECT_EQ(everything(), before);
    }
}

TEST_F(DeviceTest, AnEmptyTransactionNeedsNoLog) {
    log.refuse(true);

    EXPECT_TRUE(device.commit({}));
}

TEST_F(DeviceTest, ReleasesABufferWithItsLastHandle) {
    const ClientId client = open();
    const auto [buffer, handle] = allocate(client, 1U << 1);
    EXPECT_FALSE(device.release_if_idle(buffer));

    Transaction tx;
    ASSERT_TRUE(device.free(tx, client, handle.value));
    ASSERT_TRUE(device.commit(std::move(tx)));

    EXPECT_TRUE(device.release_if_idle(buffer));
    EXPECT_TRUE(low.memory(0).released);
    EXPECT_EQ(low.memory(0).looks, 0) << "nobody was ever given it";
    EXPECT_EQ(device.state().buffer(buffer), nullptr);
    EXPECT_TRUE(device.release_if_idle(buffer)) << "it is gone already";
}

TEST_F(DeviceTest, KeepsABufferThatSomebodyOutsideHas) {
    const ClientId client = open();
    const auto [buffer, handle] = allocate(client, 1U << 1);
    commit(BufferExported{buffer});
    close(client);
    low.memory(0).idle = false;

    EXPECT_FALSE(device.release_if_idle(buffer));
    EXPECT_TRUE(device.snapshot().buffers.at(0).outside);
    low.memory(0).idle = true;

    EXPECT_TRUE(device.release_if_idle(buffer));
    EXPECT_TRUE(low.memory(0).released);
}

TEST_F(DeviceTest, KeepsABufferWhoseReleaseIsRefused) {
    const ClientId client = open();
    const auto buffer = allocate(client, 1U << 1).first;
    close(client);
    log.refuse(true);

    EXPECT_FALSE(device.release_if_idle(buffer));
    EXPECT_FALSE(low.memory(0).released) << "the record comes before the close";
    log.refuse(false);

    EXPECT_TRUE(device.release_if_idle(buffer));
}

TEST_F(DeviceTest, AsksTheHeapOnceBeforeProgramsCanMapABuffer) {
    const auto buffer = allocate(open(), 1U << 1).first;
    commit(BufferExported{buffer});
    ASSERT_TRUE(device.open_export(buffer));
    ASSERT_TRUE(device.open_export(buffer));
    EXPECT_EQ(low.users(), 1);

    low.memory(0).idle = false;
    device.look(buffer);
    EXPECT_EQ(low.users(), 1) << "somebody has it";
    low.memory(0).idle = true;
    device.look(buffer);
    EXPECT_EQ(low.users(), 0);

    ASSERT_TRUE(device.open_export(buffer));
    EXPECT_EQ(low.users(), 1) << "and it is asked again";
}

TEST_F(DeviceTest, HandsNoDescriptorOutThatTheHeapRefuses) {
    const auto buffer = allocate(open(), 1U << 1).first;
    low.refuse_users_with(EAGAIN);
    const auto exported = device.open_export(buffer);
    ASSERT_FALSE(exported);
    EXPECT_EQ(exported.error().code, EAGAIN);
    EXPECT_EQ(low.memory(0).exports, 0);
}

TEST_F(DeviceTest, TellsTheHeapWhenNoDescriptorCouldBeMadeAfterAll) {
    const auto buffer = allocate(open(), 1U << 1).first;
    low.memory(0).export_error = ENOMEM;
    ASSERT_FALSE(device.open_export(buffer));
    EXPECT_EQ(low.users(), 0);

    low.memory(0).export_error = 0;
    ASSERT_TRUE(device.open_export(buffer));
    low.memory(0).export_error = ENOMEM;
    ASSERT_FALSE(device.open_export(buffer));
    EXPECT_EQ(low.users(), 1) << "the first descriptor is still out";
}

TEST_F(DeviceTest, TellsTheHeapThatUsersAreGoneBeforeABufferGoes) {
    const ClientId client = open();
    const auto buffer = allocate(client, 1U << 1).first;
    commit(BufferExported{buffer});
    ASSERT_TRUE(device.open_export(buffer));
    close(client);
    ASSERT_TRUE(device.release_if_idle(buffer));
    EXPECT_EQ(low.users(), 0);
}

TEST_F(DeviceTest, ProtectsNothingThatTheJournalDoesNotKnow) {
    log.refuse(true);
    EXPECT_EQ(device.secure(HeapId{4}).error().code, ENOMEM);
    EXPECT_EQ(high.protections(), 0);
    log.refuse(false);
    ASSERT_TRUE(device.secure(HeapId{4}));
    log.refuse(true);
    EXPECT_EQ(device.unsecure(HeapId{4}).error().code, ENOMEM);
    EXPECT_EQ(high.protections(), 1);
    EXPECT_EQ(device.secure(HeapId{9}).error().code, EINVAL);
    high.refuse_protection_with(EBUSY);
    log.refuse(false);
    EXPECT_EQ(device.secure(HeapId{4}).error().code, EBUSY);
    EXPECT_EQ(device.state().protections(HeapId{4}), 1U);
}

TEST_F(DeviceTest, LooksForUsersUntilItFindsOneStillThere) {
    const ClientId client = open();
    for (int i = 0; i < 4; ++i) {
        const auto buffer = allocate(client, 1U << 1).first;
        commit(BufferExported{buffer});
        ASSERT_TRUE(device.open_export(buffer));
    }
    low.memory(2).idle = false;
    device.look_for_users(HeapId{1});
    EXPECT_EQ(low.users(), 2) << "one is in use, and behind it nothing has been looked at";
    low.memory(2).idle = true;
    device.look_for_users(HeapId{4});
    EXPECT_EQ(low.users(), 2) << "another heap";
    device.look_for_users(HeapId{1});
    EXPECT_EQ(low.users(), 0);
}

TEST_F(DeviceTest, TriesHeapsThatProtectContentAloneForSecureMemory) {
    const ClientId client = open();
    const AllocationRequest secure{.length = 4096,
                                   .heap_mask = ~0U,
                                   .flags = kFlagSecure,
                                   .order = HeapOrder::kAscending,
                                   .secure = true};
    Transaction tx;
    EXPECT_EQ(device.allocate(tx, client, secure).error().code, ENODEV);
    high.set_protects_content(true);
    ASSERT_TRUE(device.allocate(tx, client, secure));
    EXPECT_THAT(low.calls(), IsEmpty());
    EXPECT_EQ(high.calls().back().request.flags, kFlagSecure);

    high.fail_with(ENOMEM);
    EXPECT_EQ(device.allocate(tx, client, secure).error().code, ENOMEM) << "the error of the last one tried";
}

TEST_F(DeviceTest, NoClientsNumberMeansAnythingToAnother) {
    const ClientId one = open();
    const ClientId other = open();
    const HandleId handle = allocate(one).second;
    Transaction tx;

    EXPECT_EQ(device.free(tx, other, handle.value).error().code, EINVAL);
    EXPECT_EQ(device.lookup(other, handle.value).error().code, EINVAL);
    EXPECT_EQ(device.lookup(one, handle.value | 1ULL << 32).error().code, EINVAL);
    EXPECT_EQ(device.lookup(ClientId{99}, handle.value).error().code, EINVAL);
    EXPECT_TRUE(device.lookup(one, handle.value));
}

TEST_F(DeviceTest, ImportRefusesMoreReferencesThanAreCounted) {
    const ClientId client = open();
    const auto [buffer, handle] = allocate(client);
    commit(HandleReferenced{client, handle, INT32_MAX - 1});
    Transaction tx;

    EXPECT_EQ(device.import(tx, client, file_of(buffer)).error().code, EOVERFLOW);
    EXPECT_THAT(tx.records, IsEmpty());
}

TEST_F(DeviceTest, HasNoDescriptorForAnUnknownBuffer) {
    EXPECT_EQ(device.open_export(BufferId{1}).error().code, EINVAL);
    EXPECT_EQ(device.backing(BufferId{1}), nullptr);
}

TEST_F(DeviceTest, SnapshotShowsTheDropperOfTheLastHandleAsLastClient) {
    const ClientId maker = open(100);
    const ClientId importer = open(200);
    const auto [buffer, handle] = allocate(maker);
    Transaction tx;
    ASSERT_TRUE(device.import(tx, importer, file_of(buffer)));
    ASSERT_TRUE(device.commit(std::move(tx)));

    close(maker);
    EXPECT_EQ(device.snapshot().buffers.at(0).last_pid, 100);
    close(importer);

    EXPECT_EQ(device.snapshot().buffers.at(0).last_pid, 200);
    EXPECT_EQ(device.snapshot().buffers.at(0).holders, 0U);
}

TEST_F(DeviceTest, SnapshotOfACommWithoutEndHasSixteenBytes) {
    Transaction tx;
    Opener opener{1, {}, 0, 0, 0};
    opener.comm.fill('x');
    (void)device.open_client(tx, opener);
    ASSERT_TRUE(device.commit(std::move(tx)));

    EXPECT_EQ(device.snapshot().clients.at(0).comm, std::string(16, 'x'));
}

}  // namespace
}  // namespace ion
