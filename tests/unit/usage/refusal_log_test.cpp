// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/refusal_log.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

constexpr std::uint32_t kHigh = 1U << 4;

class RefusalLogTest : public ::testing::Test {
  protected:
    void refuse(ClientId client, std::uint32_t mask = kHigh, std::int64_t when = 100) {
        log_.note(fake_.device, client, AllocationRequest{.length = 8192, .heap_mask = mask},
                  Error{ENOMEM, "high: full"}, when);
    }

    FakeDevice fake_;
    RefusalLog log_;
};

TEST_F(RefusalLogTest, KeepsWhoAskedForWhatAndWhy) {
    const ClientId client = fake_.open(611);
    refuse(client);

    ASSERT_EQ(log_.last().size(), 1U);
    const AllocationRefusal& one = log_.last().front();
    EXPECT_EQ(one.number, 1U);
    EXPECT_EQ(one.unix_seconds, 100);
    EXPECT_EQ(one.client, client);
    EXPECT_EQ(one.pid, 611);
    EXPECT_EQ(one.comm, "comm");
    EXPECT_EQ(one.request.length, 8192U);
    EXPECT_EQ(one.error, ENOMEM);
    EXPECT_EQ(one.reason, "high: full");
    ASSERT_EQ(one.heaps.size(), 1U);
    EXPECT_EQ(one.heaps[0].name, "high");
}

TEST_F(RefusalLogTest, NamesThoseWhoHoldMostOfTheHeapsAsked) {
    const ClientId small = fake_.open(1);
    const ClientId big = fake_.open(2);
    const ClientId elsewhere = fake_.open(3);
    fake_.allocate(small, kHigh);
    fake_.allocate(big, kHigh);
    fake_.allocate(big, kHigh);
    fake_.allocate(elsewhere, 1U << 1);
    refuse(small);

    const auto& holders = log_.last().front().holders;
    ASSERT_EQ(holders.size(), 2U);
    EXPECT_EQ(holders[0].pid, 2);
    EXPECT_EQ(holders[0].bytes, 8192U);
    EXPECT_EQ(holders[1].pid, 1);
}

TEST_F(RefusalLogTest, NamesNoMoreThanAFew) {
    for (std::int32_t pid = 1; pid <= 9; ++pid) {
        fake_.allocate(fake_.open(pid), kHigh);
    }
    refuse(ClientId{1});
    EXPECT_EQ(log_.last().front().holders.size(), kHoldersShown);
}

TEST_F(RefusalLogTest, LooksForHoldersOnceASecond) {
    const ClientId client = fake_.open(1);
    refuse(client, kHigh, 100);
    fake_.allocate(client, kHigh);
    refuse(client, kHigh, 100);
    refuse(client, kHigh, 101);

    EXPECT_TRUE(log_.last()[1].holders.empty());
    EXPECT_EQ(log_.last()[2].holders.size(), 1U);
}

TEST_F(RefusalLogTest, ForgetsTheOldestButCountsAll) {
    const ClientId client = fake_.open(1);
    for (std::size_t i = 0; i < RefusalLog::kKept + 3; ++i) {
        refuse(client);
    }
    EXPECT_EQ(log_.last().size(), RefusalLog::kKept);
    EXPECT_EQ(log_.last().front().number, 4U);
    EXPECT_EQ(log_.totals().at(ENOMEM), RefusalLog::kKept + 3);
}

TEST_F(RefusalLogTest, CopesWithAClientThatIsGone) {
    refuse(ClientId{77});
    EXPECT_EQ(log_.last().front().pid, 0);
}

}  // namespace
}  // namespace ion
