// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "daemon/usage/render_refusals.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/snapshots.h"

namespace ion {
namespace {

AllocationRefusal refusal(std::uint64_t number, std::string comm, int error, std::string reason) {
    AllocationRefusal one;
    one.number = number;
    one.unix_seconds = 1700000000 + static_cast<std::int64_t>(number);
    one.client = ClientId{4};
    one.pid = 611;
    one.comm = std::move(comm);
    one.request.length = 8388608;
    one.request.heap_mask = 0x1000001;
    one.request.flags = 1;
    one.error = error;
    one.reason = std::move(reason);
    return one;
}

TEST(RenderRefusals, SaysThatThereAreNone) {
    EXPECT_EQ(render_refusals(Snapshot{}), "refused 0 shown 0\n");
}

TEST(RenderRefusals, PrintsTheNewestFirstWithHeapsAndHolders) {
    Snapshot snapshot;
    snapshot.refusal_totals = {{ENOMEM, 70}, {ENODEV, 1}};
    snapshot.refusals = {refusal(70, "surface\nflinger", ENOMEM, "sf: fragmented"),
                         refusal(71, "camera", ENODEV, "no heap in the mask")};
    snapshot.refusals[0].heaps = {
        {"sf", {.base = 4096, .total = 16777216, .allocated = 7340032, .largest_free = 4194304}},
        {"system", {.allocated = 12288, .pooled = 65536}}};
    snapshot.refusals[0].holders = {{.pid = 1232, .comm = "system_server", .bytes = 7340032}};
    EXPECT_EQ(render_refusals(snapshot), golden("refusals.txt"));
}

}  // namespace
}  // namespace ion
