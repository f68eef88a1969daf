// SPDX-License-Identifier: Apache-2.0

#include "client/views/explain_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ion::views {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using usage::Refusal;
using usage::RefusingHeap;

constexpr std::uint64_t kMega = 1 << 20;

/// 8 MiB from a heap of 16, of which `free` are free, the longest run `largest`.
Refusal refused(std::uint64_t bytes, std::uint64_t free, std::uint64_t largest, std::string reason) {
    Refusal refusal;
    refusal.number = 3;
    refusal.time = "2026-03-02T09:41:07Z";
    refusal.pid = 7;
    refusal.comm = "camera";
    refusal.bytes = bytes;
    refusal.heap_mask = 4;
    refusal.error = "ENOMEM";
    refusal.reason = std::move(reason);
    refusal.heaps = {RefusingHeap{.name = "other", .allocated = 4096, .total = {}},
                     RefusingHeap{.name = "sf",
                                  .allocated = 16 * kMega - free,
                                  .total = 16 * kMega,
                                  .free = free,
                                  .largest_free = largest}};
    return refusal;
}

TEST(LimitOf, IsWhatTheFiguresOfTheLastHeapSay) {
    EXPECT_EQ(limit_of(refused(17 * kMega, 16 * kMega, 16 * kMega, "sf: full: ...")), Limit::kSize);
    EXPECT_EQ(limit_of(refused(8 * kMega, 4 * kMega, 4 * kMega, "sf: full: ...")), Limit::kFree);
    EXPECT_EQ(limit_of(refused(8 * kMega, 9 * kMega, 4 * kMega, "sf: fragmented: ...")), Limit::kLongestRun);
    EXPECT_EQ(limit_of(refused(8 * kMega + 1, 8 * kMega, 8 * kMega, "sf: x")), Limit::kFree) << "whole pages";
}

TEST(LimitOf, IsElseWhatTheReasonSays) {
    const auto reason = [](const char* text) { return limit_of(refused(4096, kMega, kMega, text)); };
    EXPECT_EQ(reason("sf: fragmented: 4096 bytes asked, alignment 8388608"), Limit::kLongestRun);
    EXPECT_EQ(reason("sf: full: 65536 bytes of chunks asked, 0 free"), Limit::kFree);
    EXPECT_EQ(reason("sf: memfd_create: the daemon's descriptor table is full"), Limit::kDescriptors);
    EXPECT_EQ(reason("sf: the heap is protected: it has memory for secure allocations alone"),
              Limit::kProtection);
    EXPECT_EQ(reason("other: 99 bytes are more than half of the memory"), Limit::kMemory);
    EXPECT_EQ(reason("other: memory of this heap is aligned to pages only"), Limit::kRequest);
    EXPECT_EQ(reason("other: full: a heap without a region"), Limit::kOther);
    EXPECT_EQ(reason("something else"), Limit::kOther);
}

TEST(LimitOf, WithoutAHeapIsTheMaskOrTheRequest) {
    Refusal refusal = refused(0, 0, 0, "bad length");
    EXPECT_EQ(limit_of(refusal), Limit::kRequest);
    refusal.heaps.clear();
    refusal.error = "EINVAL";
    EXPECT_EQ(limit_of(refusal), Limit::kRequest);
    refusal.error = "ENODEV";
    EXPECT_EQ(limit_of(refusal), Limit::kNoHeap);
}

TEST(Explain, SaysInWordsWhatStoodInTheWay) {
    EXPECT_THAT(explain_text(refused(17 * kMega, 16 * kMega, 16 * kMega, "sf: full")),
                HasSubstr("sf has 16.0M in all, less than the 17.0M asked."));
    EXPECT_THAT(explain_text(refused(8 * kMega, 4 * kMega, 4 * kMega, "sf: full")),
                HasSubstr("sf is full: 8.0M asked, 4.0M free of 16.0M."));
    EXPECT_THAT(explain_text(refused(8 * kMega, 9 * kMega, 4 * kMega, "sf: fragmented")),
                HasSubstr("  - see what lies between the free runs: ionctl map sf\n"));
    EXPECT_THAT(explain_text(refused(4096, kMega, kMega, "sf: \x1b[2J")), HasSubstr("iond says: sf: ?[2J."));
}

/// Every limit has an explanation and something to do, and no sentence about a heap that is not there.
TEST(Explain, HasAnAnswerToEveryReason) {
    for (const char* reason : {"sf: x", "other: x", "nothing: x", "bad length",
                               "sf: full: ", "other: fragmented: ", "descriptor table is full", "protected",
                               "more than half of the memory"}) {
        for (const std::uint64_t bytes : {std::uint64_t{0}, 4096 * kMega, UINT64_MAX}) {
            const Json json = explain_json(refused(bytes, 4096, 4096, reason));
            EXPECT_NE(json["explanation"], "") << reason;
            EXPECT_FALSE(json["advice"].empty()) << reason;
        }
    }
    Refusal bare = refused(4096, 0, 0, "");
    bare.heaps.clear();
    EXPECT_THAT(explain_text(bare), Not(HasSubstr("The heaps that were asked")));
}

}  // namespace
}  // namespace ion::views
