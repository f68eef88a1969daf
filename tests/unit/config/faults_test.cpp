// SPDX-License-Identifier: Apache-2.0
//
// [[fault]] tables.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config/fault_table.h"
#include "tests/unit/config/config_testing.h"

namespace ion {
namespace {

std::string fault(const std::string& name, const std::string& more = "errno = \"ENOMEM\"") {
    return "[[fault]]\nname = \"" + name + "\"\n" + more + "\n";
}

std::vector<std::string> names(const Config& config) {
    std::vector<std::string> names;
    for (const FaultRule& rule : config.faults) {
        names.push_back(rule.name);
    }
    return names;
}

TEST(ConfigFaults, HaveEveryKey) {
    const Config config = parsed(
        {fault("slow",
               "command = \"alloc\"\nheap = \"system\"\nclient = \"cam*\"\nevery = 3\nprobability = 0.5\n"
               "seed = 9\ncount = 4\nerrno = \"EIO\"\ndelay_ms = 250")});
    ASSERT_EQ(config.faults.size(), 1U);
    EXPECT_EQ(config.faults[0],
              (FaultRule{"slow", FaultCommand::kAlloc, "system", "cam*", 3, 0.5, 9, 4, EIO, 250}));
}

TEST(ConfigFaults, AreEveryCallOfEverybodyWhereNothingIsSaid) {
    const Config config = parsed({fault("a") + fault("b", "heap = \"cma\"\nerrno = \"EAGAIN\"")});
    ASSERT_EQ(config.faults.size(), 2U);
    EXPECT_EQ(config.faults[0], (FaultRule{"a", FaultCommand::kAny, "", "", 1, 1, 0, 0, ENOMEM, 0}));
    EXPECT_EQ(config.faults[1].command, FaultCommand::kAlloc) << "only that asks heaps";
}

TEST(ConfigFaults, OfALaterTextReplaceAndTakeAway) {
    const Config config = parsed(
        {fault("a") + fault("b") + fault("c"), fault("b", "errno = \"EPERM\"") + fault("a", "off = true")});
    EXPECT_THAT(names(config), testing::ElementsAre("b", "c"));
    EXPECT_EQ(config.faults[0].error, EPERM);
}

class FaultMistake : public testing::TestWithParam<Mistake> {};

TEST_P(FaultMistake, IsRefusedWithItsPlaceKeyAndReason) {
    expect_refusal(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Text, FaultMistake,
    testing::Values(
        mistake_in("NoTables", "fault = 3", "a.toml:1:9: fault: must be [[fault]] tables"),
        mistake_in("NoName", "[[fault]]\nerrno = \"EIO\"", "a.toml:1:1: fault.name: missing"),
        mistake_in(
            "Key", fault("a", "erno = \"EIO\""),
            "a.toml:3:1: fault.erno: unknown key; known are name, command, heap, client, every, probability, "
            "seed, count, errno, delay_ms, off"),
        mistake_in("Nothing", fault("a", "every = 2"),
                   "a.toml:1:1: fault: \"a\" does nothing without errno or delay_ms"),
        mistake_in(
            "Errno", fault("a", "errno = \"ENOPE\""),
            "a.toml:3:9: fault.errno: unknown \"ENOPE\"; must be the name of an errno, such as \"ENOMEM\""),
        mistake_in("Every", fault("a", "every = 0"), "a.toml:3:9: fault.every: must be at least 1, not 0"),
        mistake_in("Probability", fault("a", "probability = 1.5"),
                   "a.toml:3:15: fault.probability: must be a number above 0, at most 1"),
        mistake_in("NoProbability", fault("a", "probability = nan"),
                   "a.toml:3:15: fault.probability: must be a number above 0, at most 1"),
        mistake_in("Delay", fault("a", "delay_ms = 60001"),
                   "a.toml:3:12: fault.delay_ms: must be 1 to 60000, not 60001"),
        mistake_in(
            "Client", fault("a", "client = \"a b\""),
            "a.toml:3:10: fault.client: must be 1 to 31 printable characters without blanks; ? and * stand "
            "for others"),
        mistake_in("Off", fault("a", "off = 1"), "a.toml:3:7: fault.off: must be true or false"),
        mistake_in("OffOfNothing", fault("a", "off = true"),
                   "a.toml:1:1: fault.off: there is no fault \"a\" before this"),
        mistake_in(
            "Command", fault("a", "command = \"open\""),
            "a.toml:3:11: fault.command: unknown \"open\"; known are any, alloc, free, share, import, sync, "
            "custom, query"),
        mistake_in("HeapOfFree", fault("a", "errno = \"EIO\"\nheap = \"system\"\ncommand = \"free\""),
                   "a.toml:4:8: fault.heap: a heap is for command = \"alloc\""),
        mistake_in("NoSuchHeap", fault("a", "errno = \"EIO\"\nheap = \"x\""),
                   "a.toml:4:8: fault.heap: there is no heap \"x\""),
        mistake_in("Twice", fault("a") + fault("a"), "a.toml:4:1: fault.name: \"a\" is there already")),
    case_name);

}  // namespace
}  // namespace ion
