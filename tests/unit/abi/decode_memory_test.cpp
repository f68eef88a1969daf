// SPDX-License-Identifier: Apache-2.0
//
// Requests that are understood only with more of the caller's memory than their number declares.

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/abi/abi_testing.h"

namespace ion::abi {
namespace {

constexpr std::uint64_t kTop = std::numeric_limits<std::uint64_t>::max();

TEST(DecodeImportShort, ReadsFdBehindThe32BitHandle) {
    Caller caller{
        .command = 0xC0044905, .compat = true, .input = Wire{}.u32(0), .memory = {{0x1004, Wire{}.s32(9)}}};

    EXPECT_EQ(describe(caller.decode_fully()), "A import 9 -> handle@0:4");
}

TEST(DecodeImportShort, ReadsFdBehindThe64BitHandle) {
    Caller caller{.command = 0xC0044905, .input = Wire{}.u32(0), .memory = {{0x1008, Wire{}.s32(-1)}}};

    EXPECT_EQ(describe(caller.decode_fully()), "A import -1 -> handle@0:8");
}

TEST(DecodeImportShort, RefusesAnArgumentAtTheEndOfMemory) {
    for (const std::uint64_t distance : {0U, 7U, 8U, 9U, 10U}) {
        const Caller caller{.command = 0xC0044905, .argument = kTop - distance, .input = Wire{}.u32(0)};
        EXPECT_EQ(describe(caller.decode_once()), "errno 14") << distance;
    }
}

TEST(DecodeImportShort, RefusesAnswersToAnotherQuestion) {
    Caller caller{.command = 0xC0044905, .input = Wire{}.u32(0)};

    caller.fetched = {{{0x1004, 4}, Wire{}.s32(9)}};
    EXPECT_EQ(describe(caller.decode_once()), "errno 22") << "another address";
    caller.fetched = {{{0x1008, 4}, {}}};
    EXPECT_EQ(describe(caller.decode_once()), "errno 22") << "too few bytes";
}

struct InnerFlush {
    std::uint32_t command;
    std::vector<std::byte> inner;
    const char* expected;
};

TEST(DecodeCustom, OpensMsmCacheCommands) {
    const InnerFlush cases[] = {
        {0xC0144D00, Wire{}.u32(7).s32(-1).u32(0x5000).u32(16).u32(64),
         "A clean handle=0x7 fd=-1 [0x5000+16, 64] null-ok"},
        {0xC0204D01, Wire{}.u64(7).s32(-1).u32(0).u64(0x5000).u32(16).u32(64),
         "A invalidate handle=0x7 fd=-1 [0x5000+16, 64] null-ok"},
        {0xC0184D02, Wire{}.u32(7).s32(-1).u64(0x5000).u32(16).u32(64),
         "B clean-invalidate handle=0x7 fd=-1 [0x5000+16, 64] null-ok"},
    };
    for (const InnerFlush& row : cases) {
        Caller caller{.command = 0xC0104906,
                      .input = Wire{}.u32(row.command).u32(0).u64(0x2000),
                      .memory = {{0x2000, row.inner}}};
        EXPECT_EQ(describe(caller.decode_fully()), row.expected);
    }
}

TEST(DecodeCustom, LeavesOtherInnerCommandsToTheService) {
    // msm GET_FLAGS, Rockchip GET_PHYS, a legal ION command that no hook takes, CUSTOM itself.
    for (const std::uint32_t inner : {0xC0104D03U, 0xC0185200U, 0xC0044901U, 0xC0104906U}) {
        Caller caller{.command = 0xC0104906, .input = Wire{}.u32(inner).u32(0).u64(0x2000)};
        const DecodeResult result = caller.decode_once();
        const auto* decoded = std::get_if<Decoded>(&result);
        ASSERT_NE(decoded, nullptr);
        ASSERT_TRUE(std::holds_alternative<Custom>(decoded->request));
        EXPECT_EQ(std::get<Custom>(decoded->request).command, inner);
    }
}

TEST(DecodeCustom, DecidesTheInnerCommandByTheCallersWidth) {
    const Caller caller{.command = 0xC0084906, .compat = true, .input = Wire{}.u32(0xC0104D03).u32(0x2000)};

    EXPECT_EQ(describe(caller.decode_once()), "need 0x2000+16");
}

TEST(DecodeCustom, RefusesAnInnerStructThatWrapsAround) {
    const Caller caller{.command = 0xC0104906, .input = Wire{}.u32(0xC0204D00).u32(0).u64(kTop - 30)};

    EXPECT_EQ(describe(caller.decode_once()), "errno 14");
}

TEST(DecodePrefetch, ReadsRegionsThenSizesOf32BitCaller) {
    Caller caller{.command = 0xC0104D03,
                  .compat = true,
                  .input = Wire{}.u32(0x200).u32(4096).u32(0x2000).u32(3),
                  .memory = {{0x2000, Wire{}
                                          .u32(1)
                                          .u32(0x3000)
                                          .u32(2)  //
                                          .u32(2)
                                          .u32(0)
                                          .u32(0)  //
                                          .u32(3)
                                          .u32(0x4000)
                                          .u32(1)},
                             {0x3000, Wire{}.u32(8192).u32(4096)},
                             {0x4000, Wire{}.u32(0xFFFFF000)}}};

    EXPECT_EQ(describe(caller.decode_fully()), "B prefetch mask=0x200 len=4096 sizes=[8192 4096 4294963200]");
    const std::vector<std::vector<MemoryRange>> asked{{{0x2000, 36}}, {{0x3000, 8}, {0x4000, 4}}};
    EXPECT_EQ(caller.rounds, asked) << "a region without sizes is not read";
}

TEST(DecodePrefetch, ReadsRegionsThenSizesOf64BitCaller) {
    Caller caller{.command = 0xC0204D04,
                  .input = Wire{}.u32(0x200).u32(0).u64(4096).u64(0x2000).u32(1).u32(0),
                  .memory = {{0x2000, Wire{}.u32(1).u32(0).u64(0x3000).u32(2).u32(0)},
                             {0x3000, Wire{}.u64(0x100000000).u64(4096)}}};

    EXPECT_EQ(describe(caller.decode_fully()), "B drain mask=0x200 len=4096 sizes=[4294967296 4096]");
}

TEST(DecodePrefetch, ReadsFixedWidthFormOf32BitCaller) {
    Caller caller{.command = 0xC0184D03,
                  .compat = true,
                  .input = Wire{}.u64(4096).u64(0x2000).u32(0x200).u32(1),
                  .memory = {{0x2000, Wire{}.u64(0x3000).u32(1).u32(1)}, {0x3000, Wire{}.u64(0x100000000)}}};

    EXPECT_EQ(describe(caller.decode_fully()), "C prefetch mask=0x200 len=4096 sizes=[4294967296]");
}

TEST(DecodePrefetch, TakesThreeRoundsInsideCustom) {
    Caller caller{.command = 0xC0084906,
                  .compat = true,
                  .input = Wire{}.u32(0xC0104D04).u32(0x1800),
                  .memory = {{0x1800, Wire{}.u32(0x200).u32(4096).u32(0x2000).u32(1)},
                             {0x2000, Wire{}.u32(1).u32(0x3000).u32(1)},
                             {0x3000, Wire{}.u32(8192)}}};

    EXPECT_EQ(describe(caller.decode_fully()), "B drain mask=0x200 len=4096 sizes=[8192]");
    EXPECT_EQ(caller.rounds.size(), 3U);
}

TEST(DecodePrefetch, RefusesMoreThan32Regions) {
    Caller caller{.command = 0xC0184D03, .input = Wire{}.u64(0).u64(0x2000).u32(0x200).u32(32)};
    EXPECT_EQ(describe(caller.decode_once()), "need 0x2000+512");

    caller.input = Wire{}.u64(0).u64(0x2000).u32(0x200).u32(33);
    EXPECT_EQ(describe(caller.decode_once()), "errno 22");
    caller.input = Wire{}.u64(0).u64(0x2000).u32(0x200).u32(0xFFFFFFFF);
    EXPECT_EQ(describe(caller.decode_once()), "errno 22");
}

TEST(DecodePrefetch, RefusesMoreThan64SizesInARegion) {
    Caller caller{.command = 0xC0184D03, .input = Wire{}.u64(0).u64(0x2000).u32(0x200).u32(1)};
    caller.fetched = {{{0x2000, 16}, Wire{}.u64(0x3000).u32(1).u32(64)}};
    EXPECT_EQ(describe(caller.decode_once()), "need 0x3000+512");

    caller.fetched = {{{0x2000, 16}, Wire{}.u64(0x3000).u32(1).u32(65)}};
    EXPECT_EQ(describe(caller.decode_once()), "errno 22");
}

TEST(DecodePrefetch, RefusesArraysThatWrapAround) {
    Caller caller{.command = 0xC0184D03, .input = Wire{}.u64(0).u64(kTop - 14).u32(0x200).u32(1)};
    EXPECT_EQ(describe(caller.decode_once()), "errno 14") << "regions";

    caller.input = Wire{}.u64(0).u64(0x2000).u32(0x200).u32(1);
    caller.fetched = {{{0x2000, 16}, Wire{}.u64(kTop - 6).u32(1).u32(1)}};
    EXPECT_EQ(describe(caller.decode_once()), "errno 14") << "sizes";
}

TEST(DecodePrefetch, RefusesHalfAnAnswer) {
    Caller caller{.command = 0xC0184D03, .input = Wire{}.u64(0).u64(0x2000).u32(0x200).u32(2)};
    caller.fetched = {{{0x2000, 32}, Wire{}.u64(0x3000).u32(1).u32(1).u64(0x4000).u32(1).u32(1)},
                      {{0x3000, 8}, Wire{}.u64(4096)}};

    EXPECT_EQ(describe(caller.decode_once()), "errno 22");
}

}  // namespace
}  // namespace ion::abi
