// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>
#include <linux/ioctl.h>

#include <cstring>

#include "tests/unit/abi/abi_testing.h"

namespace ion::abi {
namespace {

using Bytes = std::vector<std::byte>;

OutputFields fields_of(Caller& caller) {
    const DecodeResult result = caller.decode_fully();
    const auto* decoded = std::get_if<Decoded>(&result);
    EXPECT_NE(decoded, nullptr) << describe(result);
    return decoded != nullptr ? decoded->outputs : OutputFields{};
}

EncodedReply answer(Caller caller, const Outputs& outputs) {
    const OutputFields fields = fields_of(caller);
    return encode(caller.call(), fields, outputs);
}

TEST(Encode, PutsHandleIntoEveryAllocAndKeepsTheRest) {
    constexpr std::uint32_t kPoison = 0xAAAAAAAA;
    const Outputs handle{.handle = 3};
    EXPECT_EQ(
        answer({.command = 0xC0104900, .input = Wire{}.u32(1).u32(2).u32(4).u32(kPoison)}, handle).declared,
        Bytes(Wire{}.u32(1).u32(2).u32(4).u32(3)));
    EXPECT_EQ(
        answer({.command = 0xC0144900, .input = Wire{}.u32(1).u32(2).u32(4).u32(5).u32(kPoison)}, handle)
            .declared,
        Bytes(Wire{}.u32(1).u32(2).u32(4).u32(5).u32(3)));
    EXPECT_EQ(
        answer({.command = 0xC0204900, .input = Wire{}.u64(1).u64(2).u32(4).u32(5).u32(kPoison).u32(kPoison)},
               handle)
            .declared,
        Bytes(Wire{}.u64(1).u64(2).u32(4).u32(5).u64(3)))
        << "all 8 bytes: a pointer for A, an int and padding for B";
}

TEST(Encode, PutsFdIntoModernAllocAndKeepsUninitialisedTail) {
    const EncodedReply reply =
        answer({.command = 0xC0184900, .input = Wire{}.u64(1).u32(2).u32(3).u32(0x55555555).u32(0xAAAAAAAA)},
               {.fd = 8});

    EXPECT_EQ(reply.declared, Bytes(Wire{}.u64(1).u32(2).u32(3).u32(8).u32(0xAAAAAAAA)));
    EXPECT_TRUE(reply.extra.empty());
}

TEST(Encode, PutsNegativeErrnoIntoFd) {
    const Caller caller{.command = 0xC0104904, .input = Wire{}.u64(7).s32(0).u32(0x55555555)};

    EXPECT_EQ(answer(caller, {.fd = -24}).declared, Bytes(Wire{}.u64(7).s32(-24).u32(0x55555555)));
}

TEST(Encode, PutsHandleOf32BitImportShortIntoDeclaredBytes) {
    const EncodedReply reply = answer({.command = 0xC0044905,
                                       .compat = true,
                                       .input = Wire{}.u32(0xAAAAAAAA),
                                       .memory = {{0x1004, Wire{}.s32(9)}}},
                                      {.handle = 3});

    EXPECT_EQ(reply.declared, Bytes(Wire{}.u32(3)));
    EXPECT_TRUE(reply.extra.empty());
}

TEST(Encode, PutsUpperHalfOf64BitImportShortBesideDeclaredBytes) {
    const EncodedReply reply =
        answer({.command = 0xC0044905, .input = Wire{}.u32(0xAAAAAAAA), .memory = {{0x1008, Wire{}.s32(9)}}},
               {.handle = 0x200000003});

    EXPECT_EQ(reply.declared, Bytes(Wire{}.u32(3)));
    ASSERT_EQ(reply.extra.size(), 1U);
    EXPECT_EQ(reply.extra[0].range, (MemoryRange{0x1004, 4}));
    EXPECT_EQ(reply.extra[0].bytes, Bytes(Wire{}.u32(2)));
}

TEST(Encode, WritesNullHandleOfAFailedImport) {
    const Caller caller{.command = 0xC0104905, .input = Wire{}.u64(~0ULL).s32(9).u32(0)};

    EXPECT_EQ(answer(caller, {.handle = 0}).declared, Bytes(Wire{}.u64(0).s32(9).u32(0)));
}

TEST(Encode, PutsValues) {
    EXPECT_EQ(
        answer({.command = 0xC0184908, .input = Wire{}.u32(9).u32(0).u64(0x3000).u32(0).u32(0)}, {.value = 4})
            .declared,
        Bytes(Wire{}.u32(4).u32(0).u64(0x3000).u32(0).u32(0)));
    EXPECT_EQ(answer({.command = 0x80044909}, {.value = 2}).declared, Bytes(Wire{}.u32(2)));
    EXPECT_EQ(answer({.command = 0xC0104D03, .input = Wire{}.u64(7).u64(~0ULL)}, {.value = 1}).declared,
              Bytes(Wire{}.u64(7).u64(1)));
    EXPECT_EQ(
        answer({.command = 0xC01049C2, .input = Wire{}.u32(7).s32(0).u64(0)}, {.fd = -1, .value = 1ULL << 40})
            .declared,
        Bytes(Wire{}.u32(7).s32(-1).u64(1ULL << 40)));
}

TEST(Encode, WritesNothingWithoutOutputs) {
    EXPECT_TRUE(
        answer({.command = 0xC0104900, .input = Wire{}.u32(1).u32(2).u32(4).u32(5)}, {}).declared.empty())
        << "a failed ALLOC";
    EXPECT_TRUE(answer({.command = 0xC0044901, .input = Wire{}.u32(7)}, {.handle = 1, .fd = 2, .value = 3})
                    .declared.empty())
        << "FREE has no output fields";
}

TEST(Encode, CustomWritesNothingBack) {
    const EncodedReply reply = answer({.command = 0xC0084906,
                                       .compat = true,
                                       .input = Wire{}.u32(0xC0144D00).u32(0x2000),
                                       .memory = {{0x2000, Wire{}.u32(7).u32(0).u32(0).u32(0).u32(64)}}},
                                      {.handle = 1, .fd = 2, .value = 3});

    EXPECT_TRUE(reply.declared.empty());
    EXPECT_TRUE(reply.extra.empty());
}

TEST(FdAddress, IsTheFieldInTheCallersStruct) {
    Caller alloc{.command = 0xC0184900, .input = Bytes(24)};
    EXPECT_EQ(fd_address(alloc.call(), fields_of(alloc)), 0x1010U);
    Caller share64{.command = 0xC0104904, .input = Bytes(16)};
    EXPECT_EQ(fd_address(share64.call(), fields_of(share64)), 0x1008U);
    Caller share32{.command = 0xC0084904, .compat = true, .input = Bytes(8)};
    EXPECT_EQ(fd_address(share32.call(), fields_of(share32)), 0x1004U);
}

TEST(EncodeHeapRecords, CutsNamesAndEndsThemInNul) {
    const std::string longest(31, 'n');
    const HeapRecord records[] = {{"system", 0, 25}, {longest + "more", 4, 28}};

    const Bytes bytes = encode_heap_records(records);

    const auto text = [&](std::size_t at) { return std::string(reinterpret_cast<const char*>(&bytes[at])); };
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        std::memcpy(&value, &bytes[at], sizeof value);
        return value;
    };
    ASSERT_EQ(bytes.size(), 104U);
    EXPECT_EQ(text(0), "system");
    EXPECT_EQ(number(32), 0U);
    EXPECT_EQ(number(36), 25U);
    EXPECT_EQ(number(40) | number(44) | number(48), 0U) << "reserved";
    EXPECT_EQ(text(52), longest);
    EXPECT_EQ(number(52 + 32), 4U);
    EXPECT_EQ(number(52 + 36), 28U);
}

}  // namespace
}  // namespace ion::abi
