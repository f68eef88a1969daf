// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "daemon/usage/render_faults.h"
#include "tests/golden/golden_file.h"

namespace ion {
namespace {

TEST(RenderFaults, SaysThatThereAreNone) {
    EXPECT_EQ(render_faults(Snapshot{}), "faults: 0\n");
}

TEST(RenderFaults, PrintsEachRuleWithWhatItHasSeen) {
    Snapshot snapshot;
    snapshot.faults = {
        {{"camera", FaultCommand::kAlloc, "system", "cam*", 3, 0.25, 9, 4, ENOMEM, 0}, {12, 2}},
        {{"slow", FaultCommand::kAny, "", "", 1, 1, 0, 0, 0, 250}, {7, 7}}};
    EXPECT_EQ(render_faults(snapshot), golden("faults.txt"));
}

}  // namespace
}  // namespace ion
