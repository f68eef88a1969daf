// SPDX-License-Identifier: Apache-2.0
//
// Device::restore: a new worker's device, from the records of the former one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A device with one buffer in each heap: "low" held by two clients, "high" under delivery and charged to one.
class Restore : public testing::Test {
  protected:
    Restore() {
        one_ = former_.open(100);
        other_ = former_.open(200);
        const auto [low, handle] = former_.allocate(one_, 1U << 1);
        Transaction tx;
        EXPECT_TRUE(former_.device.import(tx, other_, former_.file_of(low)));
        const auto high =
            former_.device.allocate(tx, one_, {8192, 0, 1U << 4, 5, HeapOrder::kAscending, true});
        tx.records.emplace_back(DeliveryStarted{77, 3, 9, one_, *high, {}});
        EXPECT_TRUE(former_.device.commit(std::move(tx)));
        former_.commit(HandleReferenced{one_, handle, +4});
        low_ = low;
        high_ = *high;
    }

    std::vector<std::string> restore(const std::function<Result<UniqueFd>(const BufferCreated&)>& take) {
        for (const Record& record : former_.log.records()) {
            EXPECT_TRUE(next_.device.replay(record));
        }
        return next_.device.restore(take);
    }

    static Result<UniqueFd> take_any(const BufferCreated&) { return UniqueFd(); }

    FakeDevice former_;
    FakeDevice next_;
    ClientId one_;
    ClientId other_;
    BufferId low_;
    BufferId high_;
};

TEST_F(Restore, GivesEveryBufferItsMemoryBack) {
    EXPECT_THAT(restore(take_any), IsEmpty());

    EXPECT_EQ(described(next_.device.state()), described(former_.device.state()));
    ASSERT_NE(next_.device.backing(low_), nullptr);
    ASSERT_NE(next_.device.backing(high_), nullptr);
    EXPECT_THAT(next_.log.records(), IsEmpty()) << "there was nothing to change";
    const FakeHeapCall& call = next_.high.calls().at(0);
    EXPECT_EQ(call.kind, FakeHeapCall::Kind::kRestore);
    EXPECT_EQ(call.request.size_bytes, 8192U);
    EXPECT_EQ(call.request.flags, 5U);
    EXPECT_THAT(call.placement, ElementsAre(PlacedRange{1ULL << 30, 8192}));
}

TEST_F(Restore, DropsABufferWhoseDescriptorIsGone) {
    const auto lost = restore([&](const BufferCreated& made) -> Result<UniqueFd> {
        return made.buffer == low_ ? Result<UniqueFd>(fail(EBADF, "gone")) : UniqueFd();
    });

    EXPECT_THAT(lost, ElementsAre("buffer 1: gone"));
    EXPECT_EQ(next_.device.state().buffer(low_), nullptr);
    EXPECT_EQ(next_.device.state().client(one_)->handles.size(), 0U);
    EXPECT_EQ(next_.device.state().client(other_)->handles.size(), 0U);
    EXPECT_NE(next_.device.backing(high_), nullptr);
}

TEST_F(Restore, DropsABufferUnderDeliveryWithTheDelivery) {
    next_.high.fail_with(EEXIST);

    EXPECT_THAT(restore(take_any), ElementsAre("buffer 2: fake restore"));

    EXPECT_EQ(next_.device.state().buffer(high_), nullptr);
    EXPECT_THAT(next_.device.state().deliveries(), IsEmpty());
    EXPECT_THAT(next_.device.state().client(one_)->owned, IsEmpty());
    EXPECT_THAT(next_.device.snapshot().buffers, SizeIs(1));
}

TEST_F(Restore, DropsABufferWhoseHeapIsNoLongerConfigured) {
    HeapSet only_low;
    ASSERT_TRUE(only_low.add({HeapId{1}, 0, "system", "low", std::make_unique<FakeHeap>()}));
    CollectingLog log;
    Device next(only_low, log);
    for (const Record& record : former_.log.records()) {
        ASSERT_TRUE(next.replay(record));
    }

    EXPECT_THAT(next.restore(take_any), ElementsAre("buffer 2: its heap is no longer configured"));
    EXPECT_EQ(next.state().buffer(high_), nullptr);
}

TEST_F(Restore, WritesWhatItDroppedForTheWorkerAfterIt) {
    (void)restore([](const BufferCreated&) -> Result<UniqueFd> { return fail(EBADF, "gone"); });

    std::vector<Record> all = former_.log.records();
    all.insert(all.end(), next_.log.records().begin(), next_.log.records().end());
    EXPECT_EQ(described(replayed(all)), described(next_.device.state()));
    EXPECT_THAT(next_.device.state().buffers(), IsEmpty());
}

TEST_F(Restore, LivesWithWhatItCouldNotDropUntilTheLogHasRoom) {
    next_.log.refuse(true);
    (void)restore([](const BufferCreated&) -> Result<UniqueFd> { return fail(EBADF, "gone"); });
    ASSERT_NE(next_.device.state().buffer(low_), nullptr);
    EXPECT_EQ(next_.device.open_export(low_).error().code, EINVAL);
    EXPECT_FALSE(next_.device.release_if_idle(low_)) << "it has handles";

    next_.log.refuse(false);
    next_.close(one_);
    next_.close(other_);

    EXPECT_TRUE(next_.device.release_if_idle(low_)) << "without memory nobody outside can have it";
    EXPECT_EQ(next_.device.state().buffer(low_), nullptr);
}

TEST_F(Restore, ProtectsHeapsAsOftenAsTheyWere) {
    ASSERT_TRUE(former_.device.secure(HeapId{4}));
    ASSERT_TRUE(former_.device.secure(HeapId{4}));
    ASSERT_TRUE(former_.device.secure(HeapId{1}));
    ASSERT_TRUE(former_.device.unsecure(HeapId{1}));
    ASSERT_TRUE(former_.device.unsecure(HeapId{1})) << "one too many";
    EXPECT_THAT(restore(take_any), IsEmpty());
    EXPECT_EQ(next_.high.protections(), 2);
    EXPECT_EQ(next_.low.protections(), 0);
    EXPECT_EQ(next_.device.state().protections(HeapId{4}), 2U);
}

TEST_F(Restore, SaysWhenAHeapCannotBeProtectedAgain) {
    ASSERT_TRUE(former_.device.secure(HeapId{4}));
    next_.high.refuse_protection_with(EIO);
    EXPECT_THAT(restore(take_any), ElementsAre("protection of heap high: fake protection"));
}

}  // namespace
}  // namespace ion
