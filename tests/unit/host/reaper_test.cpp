// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/reaper.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>

#include <algorithm>
#include <string>

#include "tests/fakes/bounded_loop.h"
#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

class ReaperTest : public testing::Test, protected FakeDevice {
  protected:
    ReaperTest() : reaper(device, *loop) {}

    /// A buffer that was handed out, is still in use outside and has lost its last handle.
    FakeMemoryState& orphan(ExporterKind kind, int fd = -1) {
        const ClientId client = open();
        last = allocate(client, 1U << 1).first;
        FakeMemoryState& memory = low.memory(low.memory_count() - 1);
        memory.kind = kind;
        memory.fd = fd;
        memory.idle = false;
        commit(BufferExported{last});
        close(client);
        return memory;
    }

    BufferId last;
    BoundedLoop loop;
    Reaper reaper;
};

TEST_F(ReaperTest, ReleasesAtOnceWhatNobodyElseHas) {
    const ClientId client = open();
    (void)allocate(client, 1U << 1);
    close(client);

    reaper.turn();

    EXPECT_TRUE(low.memory(0).released);
}

TEST_F(ReaperTest, ReleasesAllocationsThatWereNeverDelivered) {
    const ClientId client = open();
    Transaction tx;
    const auto buffer = device.allocate(tx, client, {4096, 0, 1U << 1, 0, HeapOrder::kAscending, true});
    tx.records.emplace_back(DeliveryStarted{1, 0, 5, client, *buffer, {}});
    ASSERT_TRUE(device.commit(std::move(tx)));
    reaper.turn();
    EXPECT_FALSE(low.memory(0).released);
    commit(DeliveryEnded{1});

    reaper.turn();

    EXPECT_TRUE(low.memory(0).released) << "its owner's file is open, but that keeps nothing";
}

TEST_F(ReaperTest, LooksAtADmaBufInTurnUntilItIsIdle) {
    const FakeMemoryState& memory = orphan(ExporterKind::kUdmabuf);
    reaper.turn();
    const int looks = memory.looks;

    const bool released = loop.run_until([&] {
        low.memory(0).idle = memory.looks >= looks + 3;
        return memory.released;
    });

    EXPECT_TRUE(released);
}

TEST_F(ReaperTest, HearsOfAMemfdsEndWithoutLooking) {
    const UniqueFd ours(::memfd_create("buffer", MFD_CLOEXEC));
    UniqueFd outside(::open(("/proc/self/fd/" + std::to_string(ours.get())).c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_TRUE(outside);
    FakeMemoryState& memory = orphan(ExporterKind::kMemfd, ours.get());
    reaper.turn();
    const int looks = memory.looks + Reaper::kLooksAtAnEnd;  // it may have ended before anybody listened
    int quiet_turns = 0;

    const bool released = loop.run_until([&] {
        quiet_turns += memory.looks == looks ? 1 : 0;
        if (quiet_turns == 4) {
            memory.idle = true;
            outside.reset();
        }
        return memory.released;
    });

    EXPECT_TRUE(released);
}

TEST_F(ReaperTest, LooksMoreThanOnceAtAMemfdThatWasStillBusyWhenItsEndWasAnnounced) {
    const UniqueFd ours(::memfd_create("buffer", MFD_CLOEXEC));
    UniqueFd outside(::open(("/proc/self/fd/" + std::to_string(ours.get())).c_str(), O_RDWR | O_CLOEXEC));
    FakeMemoryState& memory = orphan(ExporterKind::kMemfd, ours.get());
    reaper.turn();
    const int looks = memory.looks;
    outside.reset();

    const bool released = loop.run_until([&] {
        memory.idle = memory.looks > looks + 3;
        return memory.released;
    });

    EXPECT_TRUE(released);
}

TEST_F(ReaperTest, LooksAgainAtAMemfdWhoseEndWasAnnouncedBeforeAnybodyListened) {
    const UniqueFd ours(::memfd_create("buffer", MFD_CLOEXEC));
    FakeMemoryState& memory = orphan(ExporterKind::kMemfd, ours.get());
    reaper.turn();
    const int looks = memory.looks;

    const bool released = loop.run_until([&] {
        memory.idle = memory.looks > looks + 1;
        return memory.released;
    });

    EXPECT_TRUE(released);
}

TEST_F(ReaperTest, LeavesABufferAloneThatWasImportedAgain) {
    FakeMemoryState& memory = orphan(ExporterKind::kUdmabuf);
    reaper.turn();
    const ClientId importer = open();
    Transaction tx;
    ASSERT_TRUE(device.import(tx, importer, file_of(last)));
    ASSERT_TRUE(device.commit(std::move(tx)));
    memory.idle = true;
    const int looks = memory.looks;
    int turns = 0;

    EXPECT_TRUE(loop.run_until([&] {
        EXPECT_FALSE(turns < 4 && memory.released);
        if (++turns == 4) {
            EXPECT_EQ(memory.looks, looks);
            close(importer);
            reaper.turn();
        }
        return memory.released;
    }));
}

TEST_F(ReaperTest, LooksWithinABudgetAndAtEveryOne) {
    constexpr std::size_t kBuffers = 1000;
    for (std::size_t i = 0; i < kBuffers; ++i) {
        (void)orphan(ExporterKind::kUdmabuf);
    }
    reaper.turn();
    const auto looks = [&] {
        std::vector<int> counts;
        for (std::size_t i = 0; i < kBuffers; ++i) {
            counts.push_back(low.memory(i).looks);
        }
        return counts;
    };
    const std::vector<int> before = looks();
    int total = 0;

    EXPECT_TRUE(loop.run_until([&] {
        const std::vector<int> now = looks();
        int sum = 0;
        int fewest = 1000;
        for (std::size_t i = 0; i < kBuffers; ++i) {
            sum += now[i] - before[i];
            fewest = std::min(fewest, now[i] - before[i]);
        }
        EXPECT_LE(sum - total, 400) << "in one turn";
        total = sum;
        return fewest >= 2;
    }));
}

TEST_F(ReaperTest, SweepsEverythingWhenMemoryIsShort) {
    const UniqueFd ours(::memfd_create("buffer", MFD_CLOEXEC));
    FakeMemoryState& announced = orphan(ExporterKind::kMemfd, ours.get());
    FakeMemoryState& looked_at = orphan(ExporterKind::kDmaHeap);
    reaper.turn();
    FakeMemoryState& new_one = orphan(ExporterKind::kDmaHeap);
    announced.idle = looked_at.idle = new_one.idle = true;

    reaper.sweep();

    EXPECT_TRUE(announced.released);
    EXPECT_TRUE(looked_at.released);
    EXPECT_TRUE(new_one.released) << "unreferenced since the last turn";
}

TEST_F(ReaperTest, TriesAgainWhenTheJournalWasFull) {
    const ClientId client = open();
    (void)allocate(client, 1U << 1);
    close(client);
    low.memory(0).fd = -1;
    log.refuse(true);
    reaper.turn();
    ASSERT_FALSE(low.memory(0).released);
    log.refuse(false);

    EXPECT_TRUE(loop.run_until([&] { return low.memory(0).released; }));
}

TEST_F(ReaperTest, LivesWithABufferThatHasNoMemory) {
    // As Device::restore leaves one that it could not drop.
    const ClientId client = open();
    const auto buffer = allocate(client).first;
    close(client);
    FakeDevice next;
    for (const Record& record : log.records()) {
        ASSERT_TRUE(next.device.replay(record));
    }
    next.log.refuse(true);
    Reaper reaper_of_next(next.device, *loop);

    reaper_of_next.turn();

    EXPECT_NE(next.device.state().buffer(buffer), nullptr);
}

}  // namespace
}  // namespace ion
