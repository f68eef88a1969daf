// SPDX-License-Identifier: Apache-2.0
//
// Which calls fault rules hit, what they do to them, and what is left of their counts.

#include "daemon/core/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t kLow = 1U << 1;
constexpr std::uint32_t kHigh = 1U << 4;

FaultRule rule(std::string name, FaultCommand command = FaultCommand::kAny) {
    FaultRule rule;
    rule.name = std::move(name);
    rule.command = command;
    rule.error = ENOMEM;
    return rule;
}

/// Numbers of the calls among the first `calls` that a rule hits.
std::vector<int> hits_of(const FaultRule& rule, int calls) {
    std::vector<int> hits;
    FaultCount count;
    for (int number = 1; number <= calls; ++number) {
        if (hits_next(rule, count)) {
            hits.push_back(number);
            ++count.hits;
        }
        ++count.calls;
    }
    return hits;
}

TEST(FaultRule, HitsEachNthCallAndNoMoreThanItsCount) {
    FaultRule one = rule("a");
    EXPECT_THAT(hits_of(one, 3), ElementsAre(1, 2, 3));
    one.every = 3;
    EXPECT_THAT(hits_of(one, 10), ElementsAre(3, 6, 9));
    one.count = 2;
    EXPECT_THAT(hits_of(one, 100), ElementsAre(3, 6));
}

TEST(FaultRule, ChoosesTheSameCallsBySeedAndAsManyAsItsProbability) {
    FaultRule one = rule("a");
    one.probability = 0.25;
    one.seed = 7;
    const auto hits = hits_of(one, 40'000);
    EXPECT_EQ(hits, hits_of(one, 40'000));
    EXPECT_NEAR(static_cast<double>(hits.size()), 10'000, 400);  // 4.6 standard deviations
    one.seed = 8;
    EXPECT_NE(hits, hits_of(one, 40'000));
    one.every = 2;
    for (const int number : hits_of(one, 1000)) {
        EXPECT_EQ(number % 2, 0);
    }
}

TEST(FaultRule, IsAboutACommandAndAClient) {
    const FaultCaller caller{"cam preview", "611", "611-2"};
    EXPECT_TRUE(is_about(rule("a"), FaultCommand::kShare, caller));
    EXPECT_FALSE(is_about(rule("a", FaultCommand::kAlloc), FaultCommand::kShare, caller));
    for (const char* pattern : {"cam*", "cam?preview", "611", "611-2", "61[0-9]", "*"}) {
        FaultRule one = rule("a");
        one.client = pattern;
        EXPECT_TRUE(is_about(one, FaultCommand::kFree, caller)) << pattern;
    }
    for (const char* pattern : {"cam", "6", "611-0", "Cam*"}) {
        FaultRule one = rule("a");
        one.client = pattern;
        EXPECT_FALSE(is_about(one, FaultCommand::kFree, caller)) << pattern;
    }
}

class FaultsTest : public testing::Test, protected FakeDevice {
  protected:
    FaultsTest() : client(open()) {}

    /// Names of the rules by which an allocation from `mask` is to fail.
    std::vector<std::string> judged(std::uint32_t mask = kLow) {
        std::vector<std::string> names;
        for (const Fault& fault : faults.judge(client, {FaultCommand::kAlloc, mask}).faults) {
            names.push_back(fault.rule);
        }
        return names;
    }

    Faults faults{device};
    ClientId client;
};

TEST_F(FaultsTest, CountWhatTheyAreAboutAndEachForItself) {
    FaultRule second = rule("second", FaultCommand::kAlloc);
    second.every = 2;
    FaultRule other = rule("other", FaultCommand::kImport);
    faults.set({rule("first"), second, other});
    EXPECT_THAT(judged(), ElementsAre("first"));
    EXPECT_THAT(judged(), ElementsAre("first", "second"));
    const auto figures = faults.figures();
    ASSERT_EQ(figures.size(), 3U);
    EXPECT_EQ(figures[0].count, (FaultCount{2, 2}));
    EXPECT_EQ(figures[1].count, (FaultCount{2, 1}));
    EXPECT_EQ(figures[2].count, (FaultCount{0, 0}));
}

TEST_F(FaultsTest, HaveTheLongestDelayOfThoseThatHit) {
    FaultRule late = rule("late");
    late.error = 0;
    late.delay_ms = 20;
    FaultRule later = late;
    later.name = "later";
    later.delay_ms = 50;
    later.every = 2;
    faults.set({late, later});
    EXPECT_EQ(faults.judge(client, {FaultCommand::kFree, 0}).delay_ms, 20U);
    EXPECT_EQ(faults.judge(client, {FaultCommand::kFree, 0}).delay_ms, 50U);
    EXPECT_THAT(judged(), IsEmpty()) << "late, and otherwise as ever";
}

TEST_F(FaultsTest, OfAHeapHaveThatHeapRefuseAndOthersTried) {
    FaultRule of_heap = rule("full", FaultCommand::kAlloc);
    of_heap.heap = "low";
    faults.set({of_heap});
    EXPECT_THAT(judged(kHigh), IsEmpty()) << "it is not asked";
    EXPECT_EQ(faults.figures()[0].count.calls, 0U);

    AllocationRequest request{4096, 0, kLow, 0, HeapOrder::kAscending, false};
    request.faults = faults.judge(client, {FaultCommand::kAlloc, kLow}).faults;
    Transaction tx;
    const auto refused = device.allocate(tx, client, request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ENOMEM);
    EXPECT_EQ(refused.error().context, "low: fault full");
    EXPECT_THAT(tx.records, IsEmpty());

    request.heap_mask = kLow | kHigh;
    const auto elsewhere = device.allocate(tx, client, request);
    ASSERT_TRUE(elsewhere);
    EXPECT_EQ(high.usage().allocated, 4096U);
}

TEST_F(FaultsTest, GoOnCountingInTheNextWorkerUnlessTheRuleIsAnother) {
    FaultRule third = rule("third");
    third.every = 3;
    faults.set({third, rule("gone")});
    (void)judged();
    (void)judged();

    FakeDevice next;
    for (const Record& record : log.records()) {
        ASSERT_TRUE(next.device.replay(record));
    }
    Faults again(next.device);
    again.set({third});
    EXPECT_EQ(again.figures()[0].count, (FaultCount{2, 0}));
    EXPECT_EQ(next.device.state().fault_count("gone"), FaultCount{});
    EXPECT_EQ(again.judge(client, {FaultCommand::kFree, 0}).faults.size(), 1U) << "the third call";

    third.every = 2;
    again.set({third});
    EXPECT_EQ(again.figures()[0].count, FaultCount{}) << "another rule of that name";
    EXPECT_EQ(described(rebuilt(next.device.state())), described(next.device.state()));
}

TEST_F(FaultsTest, LeaveUnknownClientsToTheService) {
    faults.set({rule("all")});
    EXPECT_THAT(faults.judge(ClientId{99}, {FaultCommand::kFree, 0}).faults, IsEmpty());
    EXPECT_EQ(faults.figures()[0].count.calls, 0U);
}

}  // namespace
}  // namespace ion
