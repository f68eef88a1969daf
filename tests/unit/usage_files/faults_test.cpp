// SPDX-License-Identifier: Apache-2.0

#include "client/usage/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden/golden_file.h"

namespace ion::usage {
namespace {

TEST(Faults, ReadsWhatTheDaemonWrites) {
    const auto faults = parse_faults(golden("faults.txt"));
    ASSERT_TRUE(faults) << faults.error().context;
    ASSERT_EQ(faults->size(), 2U);
    const Fault& camera = faults->front();
    EXPECT_EQ(camera.name, "camera");
    EXPECT_EQ(camera.command, "alloc");
    EXPECT_EQ(camera.heap, "system");
    EXPECT_EQ(camera.client, "cam*");
    EXPECT_EQ(camera.every, 3U);
    EXPECT_EQ(camera.probability, 0.25);
    EXPECT_EQ(camera.seed, 9U);
    EXPECT_EQ(camera.count, 4U);
    EXPECT_EQ(camera.error, "ENOMEM");
    EXPECT_EQ(camera.delay_ms, 0U);
    EXPECT_EQ(camera.calls, 12U);
    EXPECT_EQ(camera.hits, 2U);
    const Fault& slow = faults->back();
    EXPECT_EQ(slow.heap + slow.client + slow.error, "");
    EXPECT_FALSE(slow.count);
    EXPECT_EQ(slow.delay_ms, 250U);
}

TEST(Faults, MayBeNoneAndHaveMoreWordsOneDay) {
    EXPECT_TRUE(parse_faults("faults: 0\n")->empty());
    std::string text = golden("faults.txt");
    text.insert(text.size() - 1, " new=1");
    EXPECT_TRUE(parse_faults(text));
}

TEST(Faults, RefusesWhatItDoesNotUnderstandByItsLine) {
    for (const char* line : {"fault: name=x", "something", "fault: ", "faults: 2"}) {
        const auto faults = parse_faults(golden("faults.txt") + line + "\n");
        ASSERT_FALSE(faults) << line;
        EXPECT_THAT(faults.error().context, testing::HasSubstr("faults: line 4")) << line;
    }
}

}  // namespace
}  // namespace ion::usage
