// SPDX-License-Identifier: Apache-2.0
//
// Fault rules of the configuration and of ionctl, as programs meet them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>

#include "tests/node/live_daemon.h"

namespace ion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint32_t kSystem = 1;
constexpr std::uint32_t kCarveout = 4;

const std::string kNoMemory = std::to_string(ENOMEM);

std::string fault(const std::string& name, const std::string& keys) {
    return "[[fault]]\nname = \"" + name + "\"\n" + keys + "\n";
}

std::string faults(const Daemon& daemon) {
    return read_file(daemon.usage() + "/faults");
}

/// What `count` allocations came to.
std::vector<std::string> allocate(Allocator& client, int count) {
    std::vector<std::string> answers;
    for (int i = 0; i < count; ++i) {
        answers.push_back(client.allocate());
    }
    return answers;
}

TEST(Fault, HitsTheClientThatItIsAboutAndNoOther) {
    Daemon daemon;
    Allocator one(daemon, kSystem);
    Allocator other(daemon, kSystem);
    ASSERT_EQ(ionctl(daemon, "fault add third --command alloc --every 3 --errno EAGAIN --client " +
                                 std::to_string(one.pid()))
                  .status,
              0);
    EXPECT_THAT(allocate(one, 6),
                ElementsAre("ok", "ok", std::to_string(EAGAIN), "ok", "ok", std::to_string(EAGAIN)));
    EXPECT_THAT(allocate(other, 3), ElementsAre("ok", "ok", "ok"));
    EXPECT_THAT(faults(daemon), HasSubstr("name=third"));
    EXPECT_THAT(faults(daemon), HasSubstr("calls=6 hits=2"));
    const std::string refusals = read_file(daemon.usage() + "/refusals");
    EXPECT_THAT(refusals, HasSubstr("flags 0x0: EAGAIN\n  reason: fault third\n"));
    EXPECT_THAT(read_file(daemon.usage() + "/metrics"), HasSubstr("ion_fault_hits_total{fault=\"third\"} 2"));
    ASSERT_EQ(ionctl(daemon, "fault remove third").status, 0);
    EXPECT_THAT(allocate(one, 3), ElementsAre("ok", "ok", "ok"));
    EXPECT_EQ(faults(daemon), "faults: 0\n");
    one.end();
    other.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Fault, OfAHeapSendsProgramsToTheNextOne) {
    Daemon daemon({.config = fault("full", "heap = \"carveout\"\nerrno = \"ENOMEM\"\ncount = 2")});
    Allocator alone(daemon, kCarveout);
    Allocator both(daemon, kCarveout | kSystem);
    EXPECT_EQ(alone.allocate(), kNoMemory);
    EXPECT_EQ(both.allocate(), "ok");
    EXPECT_EQ(figure(heap_text(daemon, "carveout"), "total "), 0);
    EXPECT_EQ(figure(heap_text(daemon, "system"), "total "), 4096);
    EXPECT_EQ(alone.allocate(), "ok") << "it has hit twice";
    EXPECT_THAT(read_file(daemon.usage() + "/refusals"), HasSubstr("reason: carveout: fault full"));
    alone.end();
    both.end();
    daemon.stop();
}

TEST(Fault, RulesAndCountsOutliveTheWorkerAndRuntimeOnesEndWithAReload) {
    Daemon daemon({.config = fault("second", "command = \"alloc\"\nevery = 2\nerrno = \"ENOMEM\"")});
    ASSERT_EQ(ionctl(daemon, "fault add never --errno EIO --client nobody").status, 0);
    Allocator client(daemon, kSystem);
    EXPECT_EQ(client.allocate(), "ok");
    daemon.kill_worker();
    EXPECT_THAT(faults(daemon), HasSubstr("name=never"));
    EXPECT_EQ(client.allocate(), kNoMemory) << "the second call";
    ASSERT_EQ(ionctl(daemon, "fault remove second").status, 0) << "which is in a file";
    EXPECT_THAT(faults(daemon), Not(HasSubstr("name=second")));
    daemon.kill_worker();
    EXPECT_THAT(allocate(client, 2), ElementsAre("ok", "ok"));
    ASSERT_EQ(ionctl(daemon, "heap reload").status, 0);
    EXPECT_THAT(faults(daemon), HasSubstr("name=second"));
    EXPECT_THAT(faults(daemon), HasSubstr("calls=0 hits=0"));
    EXPECT_THAT(faults(daemon), Not(HasSubstr("name=never")));
    client.end();
    daemon.stop();
}

/// A minute late: whoever is served meanwhile did not wait, and a test that waited itself would not end in time.
TEST(Fault, LateCallsHoldUpNobodyElse) {
    Daemon daemon;
    Allocator late(daemon, kSystem);
    Allocator other(daemon, kSystem);
    ASSERT_EQ(ionctl(daemon, "fault add late --delay-ms 60000 --client " + std::to_string(late.pid())).status,
              0);
    late.ask();
    ASSERT_TRUE(eventually([&] { return faults(daemon).find("calls=1 hits=1") != std::string::npos; }));
    EXPECT_THAT(allocate(other, 3), ElementsAre("ok", "ok", "ok"));
    daemon.kill_worker();  // the next one has it wait from the start
    ASSERT_TRUE(eventually([&] { return faults(daemon).find("calls=2 hits=2") != std::string::npos; }));
    EXPECT_THAT(allocate(other, 3), ElementsAre("ok", "ok", "ok"));
    late.signal(SIGKILL);
    EXPECT_EQ(late.wait(), SIGKILL) << "a signal ends the delay, or it would stay in the call";
    other.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Fault, DelayEndsAndTheCallIsServed) {
    Daemon daemon;
    Allocator late(daemon, kSystem);
    ASSERT_EQ(ionctl(daemon, "fault add late --delay-ms 1 --count 1").status, 0);
    EXPECT_THAT(allocate(late, 2), ElementsAre("ok", "ok"));
    EXPECT_THAT(faults(daemon), HasSubstr("calls=2 hits=1"));
    late.end();
    daemon.stop();
}

TEST(Fault, MistakesAreSaidToWhoAsksAndChangeNothing) {
    Daemon daemon;
    const auto refused = [&](const std::string& arguments) {
        const Answer answer = ionctl(daemon, "fault " + arguments);
        EXPECT_NE(answer.status, 0) << arguments;
        return answer.text;
    };
    EXPECT_THAT(refused("add a"), HasSubstr("\"a\" does nothing without errno or delay_ms"));
    EXPECT_THAT(refused("add a --errno ENOPE"), HasSubstr("fault.errno: unknown \"ENOPE\""));
    EXPECT_THAT(refused("add a --errno EIO --heap x"), HasSubstr("there is no heap \"x\""));
    EXPECT_THAT(refused("add 'a b' --errno EIO"), HasSubstr("fault.name: must be 1 to 31 bytes"));
    EXPECT_THAT(refused("remove a"), HasSubstr("there is no fault \"a\""));
    ASSERT_EQ(ionctl(daemon, "fault add a --errno EIO --client nobody").status, 0);
    EXPECT_THAT(refused("add a --errno EIO"), HasSubstr("\"a\" is there already"));
    ASSERT_EQ(ionctl(daemon, "fault add b --errno EIO --client nobody --heap carveout").status, 0);
    EXPECT_THAT(ionctl(daemon, "heap remove carveout").text, HasSubstr("there is no heap \"carveout\""));
    EXPECT_THAT(ionctl(daemon, "fault list").text, HasSubstr("b      alloc    carveout  nobody"));
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
