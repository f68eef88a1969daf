// SPDX-License-Identifier: Apache-2.0
//
// State against records that do not fit: a journal may be damaged, or come from elsewhere.

#include "daemon/core/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/described.h"

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr ClientId kClient{1};
constexpr BufferId kBuffer{1};
constexpr HandleId kHandle{1};

BufferCreated made(std::uint64_t buffer, std::uint64_t inode, ClientId owner = {}) {
    BufferCreated record;
    record.buffer = BufferId{buffer};
    record.size = 4096;
    record.fd = 5;
    record.file = FileId{1, inode};
    record.owner = owner;
    return record;
}

/// Client 1 with handle 1 for buffer 1.
class StateTest : public testing::Test {
  protected:
    StateTest() {
        for (const Record& record : std::vector<Record>{ClientOpened{kClient, 10, 0, {"one"}, 0, 0, 0},
                                                        made(1, 1), HandleAdded{kClient, kHandle, kBuffer}}) {
            EXPECT_TRUE(state_.apply(record));
        }
    }

    void expect_refused(const Record& record) {
        const auto before = described(state_);
        EXPECT_FALSE(state_.apply(record)) << "type " << record.index();
        EXPECT_EQ(described(state_), before) << "type " << record.index();
    }

    State state_;
};

TEST_F(StateTest, RefusesWhatNamesSomethingUnknown) {
    const ClientId client{9};
    const BufferId buffer{9};
    for (const Record& record : std::vector<Record>{
             ClientClosed{client}, ClientUsedHandles{client}, BufferReleased{buffer}, BufferExported{buffer},
             BufferFlagsSet{buffer, 1}, HandleAdded{client, kHandle, kBuffer},
             HandleAdded{kClient, {2}, buffer}, HandleReferenced{client, kHandle, 1},
             HandleReferenced{kClient, {2}, 1}, DeliveryStarted{1, 0, 5, kClient, buffer, {}},
             DeliveryEnded{1}, ChannelOpened{client, 10, 5, {}}, ChannelClosed{kClient, 10}, InjectorGone{5},
             UsageClosed{1}}) {
        expect_refused(record);
    }
}

TEST_F(StateTest, RefusesWhatIsThereAlready) {
    ASSERT_TRUE(state_.apply(DeliveryStarted{1, 0, 5, kClient, kBuffer, {}}));
    ASSERT_TRUE(state_.apply(InjectorStarted{5, 50, {}}));
    ASSERT_TRUE(state_.apply(UsageOpened{1, 2, 3, "text"}));

    for (const Record& record : std::vector<Record>{
             ClientOpened{kClient, 11, 0, {}, 0, 0, 0}, made(1, 2), HandleAdded{kClient, kHandle, kBuffer},
             DeliveryStarted{1, 0, 5, kClient, kBuffer, {}}, InjectorStarted{5, 51, {}},
             UsageOpened{1, 2, 3, "other"}}) {
        expect_refused(record);
    }
}

TEST_F(StateTest, CountsTheBytesOfOpenUsageFiles) {
    ASSERT_TRUE(state_.apply(UsageOpened{1, 2, 3, "text"}));
    ASSERT_TRUE(state_.apply(UsageOpened{2, 2, 3, "longer"}));
    EXPECT_FALSE(state_.apply(UsageOpened{2, 2, 3, "again"}));
    EXPECT_EQ(state_.usage_bytes(), 10U);
    ASSERT_TRUE(state_.apply(UsageClosed{1}));
    EXPECT_FALSE(state_.apply(UsageClosed{1}));
    EXPECT_EQ(state_.usage_bytes(), 6U);
}

TEST_F(StateTest, RefusesHandlesOutOfRange) {
    ASSERT_TRUE(state_.apply(made(2, 2)));

    expect_refused(HandleAdded{kClient, HandleId{0}, BufferId{2}});
    expect_refused(HandleAdded{kClient, HandleId{1U << 31}, BufferId{2}});
    expect_refused(HandleAdded{kClient, HandleId{2}, kBuffer});
    EXPECT_TRUE(state_.apply(HandleAdded{kClient, HandleId{(1U << 31) - 1}, BufferId{2}}));
}

TEST_F(StateTest, RefusesCountsOutOfRange) {
    expect_refused(HandleReferenced{kClient, kHandle, -2});
    expect_refused(HandleReferenced{kClient, kHandle, INT32_MIN});
    expect_refused(HandleReferenced{kClient, kHandle, INT32_MAX});
}

TEST_F(StateTest, RefusesToReleaseWhatIsInUse) {
    expect_refused(BufferReleased{kBuffer});

    ASSERT_TRUE(state_.apply(DeliveryStarted{1, 0, 5, kClient, kBuffer, {}}));
    ASSERT_TRUE(state_.apply(HandleReferenced{kClient, kHandle, -1}));
    expect_refused(BufferReleased{kBuffer});

    ASSERT_TRUE(state_.apply(DeliveryEnded{1}));
    EXPECT_TRUE(state_.apply(BufferReleased{kBuffer}));
}

TEST_F(StateTest, RefusesAClientWithTheNumberThatMeansNone) {
    expect_refused(ClientOpened{ClientId{0}, 1, 0, {}, 0, 0, 0});
}

TEST_F(StateTest, ChargesNobodyForABufferOfAnUnknownOwner) {
    ASSERT_TRUE(state_.apply(made(2, 2, ClientId{9})));
    ASSERT_TRUE(state_.apply(ClientOpened{ClientId{9}, 1, 0, {}, 0, 0, 0}));

    EXPECT_EQ(state_.buffer(BufferId{2})->made.owner, ClientId{});
    EXPECT_THAT(state_.client(ClientId{9})->owned, IsEmpty());
}

TEST_F(StateTest, ClosingTheClientWithTheHighestNumberClosesItsChannels) {
    const ClientId highest{UINT64_MAX};
    ASSERT_TRUE(state_.apply(ClientOpened{highest, 1, 0, {}, 0, 0, 0}));
    ASSERT_TRUE(state_.apply(ChannelOpened{highest, 1, 5, {}}));
    ASSERT_TRUE(state_.apply(ChannelOpened{kClient, -1, 6, {}}));

    EXPECT_TRUE(state_.apply(ClientClosed{highest}));

    EXPECT_EQ(state_.channels().size(), 1U);
    EXPECT_NE(state_.channel(kClient, -1), nullptr);
}

TEST_F(StateTest, CountersNeverGoBack) {
    ASSERT_TRUE(state_.apply(Counters{50, 60, 70, 80}));
    ASSERT_TRUE(state_.apply(Counters{1, 1, 1, 1}));
    ASSERT_TRUE(state_.apply(TokenUsed{5}));

    EXPECT_EQ(state_.counters().next_client, 50U);
    EXPECT_EQ(state_.counters().next_buffer, 60U);
    EXPECT_EQ(state_.counters().next_usage_file, 70U);
    EXPECT_EQ(state_.counters().next_token, 80U);
}

TEST_F(StateTest, RemembersTheMostThatAHeapHasHad) {
    const auto sized = [](std::uint64_t id, std::uint64_t size) {
        BufferCreated record = made(id, id);
        record.heap = HeapId{5};
        record.size = size;
        return record;
    };
    ASSERT_TRUE(state_.apply(sized(2, 4096)));
    ASSERT_TRUE(state_.apply(sized(3, 8192)));
    ASSERT_TRUE(state_.apply(BufferReleased{BufferId{3}}));
    ASSERT_TRUE(state_.apply(sized(4, 4096)));

    for (const State& state : {state_, rebuilt(state_)}) {
        EXPECT_EQ(state.totals(HeapId{5}).buffers, 2U);
        EXPECT_EQ(state.totals(HeapId{5}).bytes, 8192U);
        EXPECT_EQ(state.totals(HeapId{5}).peak_bytes, 12288U);
    }
    EXPECT_EQ(state_.totals(HeapId{6}).peak_bytes, 0U);
    ASSERT_TRUE(state_.apply(HeapPeak{HeapId{5}, 1}));
    EXPECT_EQ(state_.totals(HeapId{5}).peak_bytes, 12288U) << "never goes back";
}

TEST_F(StateTest, OfTwoBuffersWithOneFileTheOtherIsFoundWhenOneGoes) {
    ASSERT_TRUE(state_.apply(made(2, 1)));
    ASSERT_TRUE(state_.apply(HandleReferenced{kClient, kHandle, -1}));

    ASSERT_TRUE(state_.apply(BufferReleased{kBuffer}));

    EXPECT_EQ(state_.buffer_of(FileId{1, 1}), BufferId{2});
}

TEST_F(StateTest, ALookThatIsOlderThanABufferDoesNotFindIt) {
    const BufferId next = state_.next_buffer();
    ASSERT_TRUE(state_.apply(HandleReferenced{kClient, kHandle, -1}));
    ASSERT_TRUE(state_.apply(BufferReleased{kBuffer}));
    ASSERT_TRUE(state_.apply(made(2, 1)));

    EXPECT_EQ(state_.buffer_seen(FileId{1, 1}, next), std::nullopt) << "its memory was another's then";
    EXPECT_EQ(state_.buffer_seen(FileId{1, 1}, state_.next_buffer()), BufferId{2});
    EXPECT_EQ(state_.buffer_seen(FileId{9, 9}, state_.next_buffer()), std::nullopt);
}

TEST_F(StateTest, AnnouncesWhatNobodyRefersToAnyMore) {
    EXPECT_THAT(state_.take_unreferenced(), ElementsAre(kBuffer)) << "new, its handle came after";
    ASSERT_TRUE(state_.apply(DeliveryStarted{1, 0, 5, kClient, kBuffer, {}}));

    ASSERT_TRUE(state_.apply(ClientClosed{kClient}));
    EXPECT_THAT(state_.take_unreferenced(), IsEmpty()) << "under delivery";
    ASSERT_TRUE(state_.apply(DeliveryEnded{1}));

    EXPECT_THAT(state_.take_unreferenced(), ElementsAre(kBuffer));
    EXPECT_THAT(state_.take_unreferenced(), IsEmpty());
}

TEST_F(StateTest, RemembersMeansUntilTheyAreGone) {
    ASSERT_TRUE(state_.apply(ChannelOpened{kClient, 10, 5, FileId{1, 2}}));
    ASSERT_TRUE(state_.apply(ChannelOpened{kClient, 10, 6, FileId{1, 3}}));
    ASSERT_TRUE(state_.apply(InjectorStarted{7, 70, {}}));
    ASSERT_TRUE(state_.apply(ArenaCreated{HeapId{3}, 8, {}}));
    ASSERT_TRUE(state_.apply(UsageOpened{4, 2, 3, "text"}));
    ASSERT_TRUE(state_.apply(HeapSecured{HeapId{3}, 2}));
    ASSERT_TRUE(state_.apply(KernelClientOpened{ClientId{9}, 1, "camera"}));
    EXPECT_EQ(rebuilt(state_).protections(HeapId{3}), 2U);
    EXPECT_EQ(rebuilt(state_).client(ClientId{9})->name(), "camera");
    EXPECT_EQ(state_.arenas().at(HeapId{3}).fd, 8);
    EXPECT_EQ(state_.channel(kClient, 10)->fd, 6) << "the later one replaces the former";
    EXPECT_EQ(described(rebuilt(state_)), described(state_));

    ASSERT_TRUE(state_.apply(ChannelClosed{kClient, 10}));
    ASSERT_TRUE(state_.apply(InjectorGone{7}));
    ASSERT_TRUE(state_.apply(UsageClosed{4}));
    ASSERT_TRUE(state_.apply(HeapGone{HeapId{3}}));

    EXPECT_EQ(state_.protections(HeapId{3}), 0U);
    EXPECT_EQ(state_.channel(kClient, 10), nullptr);
    EXPECT_THAT(state_.injectors(), IsEmpty());
    EXPECT_THAT(state_.arenas(), IsEmpty());
    EXPECT_THAT(state_.usage_files(), IsEmpty());
    EXPECT_EQ(state_.counters().next_usage_file, 5U);
}

}  // namespace
}  // namespace ion
