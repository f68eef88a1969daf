// SPDX-License-Identifier: Apache-2.0
//
// Every command of docs/abi.md, as each kind of caller sends it.

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "daemon/abi/command_table.h"
#include "tests/unit/abi/abi_testing.h"

namespace ion::abi {
namespace {

enum class From { k32, k64, kBoth };

struct Row {
    const char* name;
    std::uint32_t command;
    From from;
    std::vector<std::byte> input;
    const char* expected;
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.name;
}

const std::vector<std::byte> kAlloc32 = Wire{}.u32(8192).u32(4096).u32(0x10).u32(1).u32(0xAAAAAAAA);
const std::vector<std::byte> kAlloc64 = Wire{}.u64(8192).u64(4096).u32(0x10).u32(1).u64(0xAAAAAAAA);
const std::vector<std::byte> kHandle32 = Wire{}.u32(7);
const std::vector<std::byte> kHandle64 = Wire{}.u64(7);
const std::vector<std::byte> kFd32 = Wire{}.u32(7).s32(9);
const std::vector<std::byte> kFd64 = Wire{}.u64(7).s32(9).u32(0xAAAAAAAA);
const std::vector<std::byte> kFlush32 = Wire{}.u32(7).s32(-1).u32(0x5000).u32(16).u32(64);
const std::vector<std::byte> kFlush64 =
    Wire{}.u64(7).s32(-1).u32(0xAAAAAAAA).u64(0x500000000).u32(16).u32(64);
const std::vector<std::byte> kFlushInt64 = Wire{}.u32(7).s32(-1).u64(0x500000000).u32(16).u32(64);
const std::vector<std::byte> kFlags32 = Wire{}.u32(7).u32(0xAAAAAAAA);
const std::vector<std::byte> kFlags64 = Wire{}.u64(7).u64(0xAAAAAAAA);
const std::vector<std::byte> kPrefetch32 = Wire{}.u32(0x200).u32(4096);
const std::vector<std::byte> kPrefetch64 = Wire{}.u32(0x200).u32(0xAAAAAAAA).u64(4096);
const std::vector<std::byte> kNoRegions32 = Wire{}.u32(0x200).u32(4096).u32(0).u32(0);
const std::vector<std::byte> kNoRegions64 = Wire{}.u32(0x200).u32(0).u64(4096).u64(0).u32(0).u32(0);
const std::vector<std::byte> kNoRegionsFixed = Wire{}.u64(4096).u64(0).u32(0x200).u32(0);

const Row kRows[] = {
    {"AllocOneWord32", 0xC0104900, From::kBoth, Wire{}.u32(8192).u32(4096).u32(0x80000010).u32(0xAAAAAAAA),
     "A alloc len=8192 align=4096 mask=0x80000010 flags=0x80000010 one-word -> handle@12:4"},
    {"Alloc32", 0xC0144900, From::kBoth, kAlloc32,
     "A alloc len=8192 align=4096 mask=0x10 flags=0x1 -> handle@16:4"},
    {"Alloc64", 0xC0204900, From::kBoth, kAlloc64,
     "A alloc len=8192 align=4096 mask=0x10 flags=0x1 -> handle@24:8"},
    {"AllocFd", 0xC0184900, From::kBoth, Wire{}.u64(8192).u32(0x10).u32(1).u32(0xAAAAAAAA).u32(0xAAAAAAAA),
     "C alloc len=8192 align=0 mask=0x10 flags=0x1 returns-fd -> fd@16:4"},
    {"Free32", 0xC0044901, From::kBoth, kHandle32, "A free 0x7"},
    {"Free64", 0xC0084901, From::kBoth, kHandle64, "A free 0x7"},
    {"Map32", 0xC0084902, From::kBoth, kFd32, "A share 0x7 -> fd@4:4"},
    {"Map64", 0xC0104902, From::kBoth, kFd64, "A share 0x7 -> fd@8:4"},
    {"Share32", 0xC0084904, From::kBoth, kFd32, "A share 0x7 -> fd@4:4"},
    {"Share64", 0xC0104904, From::kBoth, kFd64, "A share 0x7 -> fd@8:4"},
    {"ImportShort32", 0xC0044905, From::k32, kHandle32, "need 0x1004+4"},
    {"ImportShort64", 0xC0044905, From::k64, kHandle32, "need 0x1008+4"},
    {"Import32", 0xC0084905, From::kBoth, kFd32, "A import 9 -> handle@0:4"},
    {"Import64", 0xC0104905, From::kBoth, kFd64, "A import 9 -> handle@0:8"},
    {"Custom32", 0xC0084906, From::kBoth, Wire{}.u32(5).u32(0xF0000000), "A custom 0x5 0xf0000000"},
    {"Custom64", 0xC0104906, From::kBoth, Wire{}.u32(5).u32(0xAAAAAAAA).u64(0x7F0000000000),
     "A custom 0x5 0x7f0000000000"},
    {"CustomRockchipPhys", 0xC0084906, From::k32, Wire{}.u32(0xC00C5200).u32(0x2000),
     "A custom 0xc00c5200 0x2000"},
    {"Sync32", 0xC0084907, From::kBoth, kFd32, "A sync 9"},
    {"Sync64", 0xC0104907, From::kBoth, kFd64, "A sync 9"},
    {"HeapQuery", 0xC0184908, From::kBoth, Wire{}.u32(16).u32(0).u64(0x3000).u32(0).u32(0),
     "B heap-query 16 0x3000 -> value@0:4"},
    {"HeapQueryReserved0", 0xC0184908, From::kBoth, Wire{}.u32(0).u32(1).u64(0).u32(0).u32(0),
     "B heap-query 0 0x0 reserved -> value@0:4"},
    {"HeapQueryReserved1", 0xC0184908, From::kBoth, Wire{}.u32(0).u32(0).u64(0).u32(1).u32(0),
     "B heap-query 0 0x0 reserved -> value@0:4"},
    {"HeapQueryReserved2", 0xC0184908, From::kBoth, Wire{}.u32(0).u32(0).u64(0).u32(0).u32(1),
     "B heap-query 0 0x0 reserved -> value@0:4"},
    {"AbiVersion", 0x80044909, From::kBoth, {}, "C abi-version -> value@0:4"},

    {"FirstClean32", 0xC0144907, From::kBoth, kFlush32, "A clean handle=0x7 fd=-1 [0x5000+16, 64]"},
    {"FirstClean64", 0xC0204907, From::kBoth, kFlush64, "A clean handle=0x7 fd=-1 [0x500000000+16, 64]"},
    {"FirstInv32", 0xC0144908, From::kBoth, kFlush32, "A invalidate handle=0x7 fd=-1 [0x5000+16, 64]"},
    {"FirstInv64", 0xC0204908, From::kBoth, kFlush64, "A invalidate handle=0x7 fd=-1 [0x500000000+16, 64]"},
    {"FirstCleanInv32", 0xC0144909, From::kBoth, kFlush32,
     "A clean-invalidate handle=0x7 fd=-1 [0x5000+16, 64]"},
    {"FirstCleanInv64", 0xC0204909, From::kBoth, kFlush64,
     "A clean-invalidate handle=0x7 fd=-1 [0x500000000+16, 64]"},
    {"SecondClean32", 0xC0144914, From::kBoth, kFlush32,
     "A clean handle=0x7 fd=-1 [0x5000+16, 64] import-first"},
    {"SecondClean64", 0xC0204914, From::kBoth, kFlush64,
     "A clean handle=0x7 fd=-1 [0x500000000+16, 64] import-first"},
    {"SecondInv32", 0xC0144915, From::kBoth, kFlush32,
     "A invalidate handle=0x7 fd=-1 [0x5000+16, 64] import-first"},
    {"SecondInv64", 0xC0204915, From::kBoth, kFlush64,
     "A invalidate handle=0x7 fd=-1 [0x500000000+16, 64] import-first"},
    {"SecondCleanInv32", 0xC0144916, From::kBoth, kFlush32,
     "A clean-invalidate handle=0x7 fd=-1 [0x5000+16, 64] import-first"},
    {"SecondCleanInv64", 0xC0204916, From::kBoth, kFlush64,
     "A clean-invalidate handle=0x7 fd=-1 [0x500000000+16, 64] import-first"},
    {"Clean32", 0xC0144D00, From::kBoth, kFlush32, "A clean handle=0x7 fd=-1 [0x5000+16, 64] null-ok"},
    {"Clean64", 0xC0204D00, From::kBoth, kFlush64, "A clean handle=0x7 fd=-1 [0x500000000+16, 64] null-ok"},
    {"CleanInt64", 0xC0184D00, From::kBoth, kFlushInt64,
     "B clean handle=0x7 fd=-1 [0x500000000+16, 64] null-ok"},
    {"Inv32", 0xC0144D01, From::kBoth, kFlush32, "A invalidate handle=0x7 fd=-1 [0x5000+16, 64] null-ok"},
    {"Inv64", 0xC0204D01, From::kBoth, kFlush64,
     "A invalidate handle=0x7 fd=-1 [0x500000000+16, 64] null-ok"},
    {"InvInt64", 0xC0184D01, From::kBoth, kFlushInt64,
     "B invalidate handle=0x7 fd=-1 [0x500000000+16, 64] null-ok"},
    {"CleanInv32", 0xC0144D02, From::kBoth, kFlush32,
     "A clean-invalidate handle=0x7 fd=-1 [0x5000+16, 64] null-ok"},
    {"CleanInv64", 0xC0204D02, From::kBoth, kFlush64,
     "A clean-invalidate handle=0x7 fd=-1 [0x500000000+16, 64] null-ok"},
    {"CleanInvInt64", 0xC0184D02, From::kBoth, kFlushInt64,
     "B clean-invalidate handle=0x7 fd=-1 [0x500000000+16, 64] null-ok"},
    {"FirstGetFlags32", 0xC008490A, From::kBoth, kFlags32, "A get-flags 0x7 -> value@4:4"},
    {"FirstGetFlags64", 0xC010490A, From::kBoth, kFlags64, "A get-flags 0x7 -> value@8:8"},
    {"SecondGetFlags32", 0xC0084917, From::kBoth, kFlags32, "A get-flags 0x7 -> value@4:4"},
    {"SecondGetFlags64", 0xC0104917, From::kBoth, kFlags64, "A get-flags 0x7 -> value@8:8"},
    {"GetFlags32", 0xC0084D03, From::kBoth, kFlags32, "A get-flags 0x7 -> value@4:4"},
    {"GetFlags64", 0xC0104D03, From::k64, kFlags64, "A get-flags 0x7 -> value@8:8"},
    {"PrefetchRegions32", 0xC0104D03, From::k32, kNoRegions32, "B prefetch mask=0x200 len=4096 sizes=[]"},
    {"PrefetchRegions64", 0xC0204D03, From::kBoth, kNoRegions64, "B prefetch mask=0x200 len=4096 sizes=[]"},
    {"PrefetchFixed", 0xC0184D03, From::kBoth, kNoRegionsFixed, "C prefetch mask=0x200 len=4096 sizes=[]"},
    {"DrainPair32", 0xC0084D04, From::kBoth, kPrefetch32, "B drain mask=0x200 len=4096 sizes=[]"},
    {"DrainPair64", 0xC0104D04, From::k64, kPrefetch64, "B drain mask=0x200 len=4096 sizes=[]"},
    {"DrainRegions32", 0xC0104D04, From::k32, kNoRegions32, "B drain mask=0x200 len=4096 sizes=[]"},
    {"DrainRegions64", 0xC0204D04, From::kBoth, kNoRegions64, "B drain mask=0x200 len=4096 sizes=[]"},
    {"DrainFixed", 0xC0184D04, From::kBoth, kNoRegionsFixed, "C drain mask=0x200 len=4096 sizes=[]"},
    {"ChannelOpen", 0xC00849C0, From::kBoth, Wire{}.u32(1).s32(9), "X channel-open v1 9 -> value@0:4"},
    {"ChannelAlloc", 0xC02049C1, From::kBoth, Wire{}.u64(8192).u32(0x10).u32(1).s32(-1).u32(0).u64(0),
     "X channel-alloc len=8192 align=0 mask=0x10 flags=0x1 returns-fd -> fd@16:4 -> value@24:8"},
    {"ChannelShare", 0xC01049C2, From::kBoth, Wire{}.s32(7).s32(-1).u64(0),
     "X channel-share 0x7 -> fd@4:4 -> value@8:8"},
};

const Row kOtherProfileRows[] = {
    {"PrefetchPair32", 0xC0084D03, From::kBoth, kPrefetch32, "B prefetch mask=0x200 len=4096 sizes=[]"},
    {"PrefetchPair64", 0xC0104D03, From::k64, kPrefetch64, "B prefetch mask=0x200 len=4096 sizes=[]"},
    {"PrefetchRegions32", 0xC0104D03, From::k32, kNoRegions32, "B prefetch mask=0x200 len=4096 sizes=[]"},
    {"HisiliconInvalidate", 0xC008490A, From::kBoth, kFd32, "errno 25"},
    {"FirstGetFlags64", 0xC010490A, From::kBoth, kFlags64, "A get-flags 0x7 -> value@8:8"},
    {"SecondGetFlags32", 0xC0084917, From::kBoth, kFlags32, "A get-flags 0x7 -> value@4:4"},
};

void expect_row(const Row& row, bool msm_get_flags) {
    for (const bool compat : {false, true}) {
        if (row.from == (compat ? From::k64 : From::k32)) {
            continue;
        }
        const Caller caller{.command = row.command,
                            .compat = compat,
                            .input = row.input,
                            .options = {.msm_get_flags = msm_get_flags}};
        EXPECT_EQ(describe(caller.decode_once()), row.expected)
            << (compat ? "32-bit" : "64-bit") << " caller";
    }
}

std::string row_name(const testing::TestParamInfo<Row>& info) {
    return info.param.name;
}

class DecodeTable : public testing::TestWithParam<Row> {};
TEST_P(DecodeTable, UnderstandsCommand) {
    expect_row(GetParam(), true);
}
INSTANTIATE_TEST_SUITE_P(Default, DecodeTable, testing::ValuesIn(kRows), row_name);

class DecodeTableWithoutMsmGetFlags : public testing::TestWithParam<Row> {};
TEST_P(DecodeTableWithoutMsmGetFlags, UnderstandsCommand) {
    expect_row(GetParam(), false);
}
INSTANTIATE_TEST_SUITE_P(Other, DecodeTableWithoutMsmGetFlags, testing::ValuesIn(kOtherProfileRows),
                         row_name);

TEST(CommandTable, HasNoCommandThatTheseTestsLeaveOut) {
    for (const auto family : {legacy_commands(), modern_commands(), msm_commands(), extension_commands()}) {
        for (const CommandRow& row : family) {
            const auto same = [&](const Row& tested) { return tested.command == row.command; };
            EXPECT_TRUE(std::ranges::any_of(kRows, same)) << std::hex << row.command;
        }
    }
}

/// Two rows for one call would make the answer depend on the table's order.
TEST(CommandTable, HasOneRowForEachCall) {
    std::vector<CommandRow> rows;
    for (const auto family : {legacy_commands(), modern_commands(), msm_commands(), extension_commands()}) {
        rows.insert(rows.end(), family.begin(), family.end());
    }
    const auto exclude = [](auto a, auto b, auto all) { return a != all && b != all && a != b; };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            EXPECT_TRUE(rows[i].command != rows[j].command ||
                        exclude(rows[i].callers, rows[j].callers, Callers::kAll) ||
                        exclude(rows[i].profile, rows[j].profile, Profile::kAll))
                << std::hex << rows[i].command;
        }
    }
}

}  // namespace
}  // namespace ion::abi
