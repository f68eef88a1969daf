// SPDX-License-Identifier: Apache-2.0
//
// Rules that hold for all commands: unknown numbers, short inputs, negative handles, any bytes at all.

#include <gtest/gtest.h>
#include <linux/ioctl.h>

#include <cstring>
#include <limits>
#include <random>

#include "daemon/abi/command_table.h"
#include "daemon/abi/wire.h"
#include "tests/unit/abi/abi_testing.h"

namespace ion::abi {
namespace {

std::string decode_empty(std::uint32_t command, bool compat) {
    return describe(Caller{.command = command, .compat = compat}.decode_once());
}

TEST(DecodeUnknown, AnswersEnottyUpToTheLargestStruct) {
    const std::uint32_t commands[] = {
        0xC0044903,                          // number 3 was never used
        0xC008492A,                          // declared by one header as not supported
        0xC0084909,                          // Amlogic INVALID_CACHE
        0xC0084908,                          // HiSilicon
        0xC00C5200,                          // Rockchip GET_PHYS, known only inside CUSTOM
        0x000049F0, 0x402049F1, 0x402049F2,  // /dev/ion-test
        0x40104900, 0xC0104800,              // ALLOC with another direction, another magic
        0xC0044904,                          // SHARE with another size
        0x5401,     0x40086200,              // TCGETS, DMA_BUF_IOCTL_SYNC
        0,          0xC02049FF,
    };
    for (const std::uint32_t command : commands) {
        EXPECT_EQ(decode_empty(command, false), "errno 25") << std::hex << command;
        EXPECT_EQ(decode_empty(command, true), "errno 25") << std::hex << command;
    }
}

TEST(DecodeUnknown, AnswersEinvalBeyondTheLargestStruct) {
    for (const std::uint32_t command : {0xC0214900U, 0x002149FFU, 0x40214D00U, 0xFFFFFFFFU}) {
        EXPECT_EQ(decode_empty(command, false), "errno 22") << std::hex << command;
        EXPECT_EQ(decode_empty(command, true), "errno 22") << std::hex << command;
    }
}

TEST(LengthValue, RoundsToNothingAsInTheCallersOwnWidth) {
    EXPECT_EQ(length_value(std::uint32_t{0xFFFFF000}), 0xFFFFF000U);
    EXPECT_EQ(length_value(std::uint32_t{0xFFFFF001}), ~std::uint64_t{0});
    EXPECT_EQ(length_value(std::uint32_t{0xFFFFFFFF}), ~std::uint64_t{0});
    EXPECT_EQ(length_value(std::uint64_t{0xFFFFFFFF}), 0xFFFFFFFFU);
}

TEST(DecodeLinux510, KnowsAllocAndHeapQueryAlone) {
    const auto decode_with = [](std::uint32_t command, bool linux_5_10) {
        return describe(Caller{.command = command,
                               .input = std::vector<std::byte>(_IOC_SIZE(command)),
                               .options = {.linux_5_10 = linux_5_10}}
                            .decode_once());
    };
    for (const std::uint32_t command : {0xC0184900U, 0xC0184908U, 0xC00849C0U}) {
        EXPECT_EQ(decode_with(command, true), decode_with(command, false)) << std::hex << command;
    }
    for (const std::uint32_t command : {0xC0044901U, 0xC0084904U, 0xC0104906U, 0xC0184D03U}) {
        EXPECT_EQ(decode_with(command, true), "errno 25") << std::hex << command;
        EXPECT_NE(decode_with(command, false), "errno 25") << std::hex << command;
    }
}

TEST(DecodeLinux510, LooksAtSizeThenArgumentThenNumber) {
    const auto decode_at = [](std::uint32_t command) {
        return describe(
            Caller{.command = command, .argument = 0x1000, .options = {.linux_5_10 = true}}.decode_once());
    };
    EXPECT_EQ(decode_at(0xC0194900), "errno 22");  // 25 bytes
    EXPECT_EQ(decode_at(0x00194900), "errno 22");
    EXPECT_EQ(decode_at(0xC0204900), "errno 22");  // ALLOC of B
    EXPECT_EQ(decode_at(0x00184900), "need 0x1000+24");
    EXPECT_EQ(decode_at(0x80044909), "need 0x1000+4");  // ABI_VERSION
    EXPECT_EQ(decode_at(0x00004909), "errno 25");
}

TEST(DecodeInput, IsRefusedWhenOneByteShort) {
    for (const auto family : {legacy_commands(), modern_commands(), msm_commands(), extension_commands()}) {
        for (const CommandRow& row : family) {
            if ((_IOC_DIR(row.command) & _IOC_WRITE) == 0) {
                continue;
            }
            const Caller caller{.command = row.command,
                                .compat = row.callers == Callers::kOnly32,
                                .input = std::vector<std::byte>(_IOC_SIZE(row.command) - 1),
                                .options = {.msm_get_flags = row.profile != Profile::kNotMsmGetFlags}};
            EXPECT_EQ(describe(caller.decode_once()), "errno 22") << std::hex << row.command;
        }
    }
}

TEST(DecodeHandle, NegativeIntIsBeyondEveryHandle) {
    for (const std::int32_t handle : {-1, std::numeric_limits<std::int32_t>::min()}) {
        const Caller caller{.command = 0xC0044901, .input = Wire{}.s32(handle)};
        const DecodeResult result = caller.decode_once();
        EXPECT_GT(std::get<Free>(std::get<Decoded>(result).request).handle, 0x7FFFFFFFU);
    }
}

TEST(DecodeHandle, IsReadInFullFrom64BitStructs) {
    const Caller caller{.command = 0xC0084901, .input = Wire{}.u64(0x100000001)};

    EXPECT_EQ(describe(caller.decode_once()), "A free 0x100000001");
}

TEST(DecodeHandle, NegativeIntMeansNoHandleForLateCacheCommands) {
    const std::vector<std::byte> input = Wire{}.s32(-1).s32(9).u32(0).u32(0).u32(64);
    EXPECT_EQ(describe(Caller{.command = 0xC0144D00, .input = input}.decode_once()),
              "A clean handle=0x0 fd=9 [0x0+0, 64] null-ok");
    EXPECT_EQ(describe(Caller{.command = 0xC0144907, .input = input}.decode_once()),
              "A clean handle=0xffffffffffffffff fd=9 [0x0+0, 64]");
}

/// Under AddressSanitizer this also shows that nothing outside the given bytes is read.
TEST(DecodeAnyBytes, EndsWithinThreeRoundsThatKeepTheirBounds) {
    std::mt19937_64 random(1);
    std::vector<std::uint32_t> commands{0xC0FF4900, 0x49};
    for (const auto family : {legacy_commands(), modern_commands(), msm_commands(), extension_commands()}) {
        for (const CommandRow& row : family) {
            commands.push_back(row.command);
        }
    }
    // Small numbers are frequent, so that counts in the structs pass their bounds.
    const auto random_bytes = [&](std::size_t size) {
        std::vector<std::byte> bytes(size);
        for (std::byte& byte : bytes) {
            byte = static_cast<std::byte>(random() % 4 == 0 ? random() % 256 : random() % 4 == 0 ? 1 : 0);
        }
        return bytes;
    };
    for (int i = 0; i < 20'000; ++i) {
        Caller caller{.command = commands[random() % commands.size()],
                      .compat = random() % 2 == 0,
                      .argument = random(),
                      .options = {.msm_get_flags = random() % 2 == 0}};
        caller.input = random_bytes(random() % 8 == 0 ? random() % 40 : _IOC_SIZE(caller.command));
        if (_IOC_NR(caller.command) == 6 && caller.input.size() >= 4) {
            const std::uint32_t inner = commands[random() % commands.size()];
            std::memcpy(caller.input.data(), &inner, sizeof inner);
        }
        DecodeResult result = caller.decode_once();
        int rounds = 0;
        for (; std::holds_alternative<NeedMemory>(result); ++rounds) {
            ASSERT_LT(rounds, 3);
            const auto& ranges = std::get<NeedMemory>(result).ranges;
            ASSERT_FALSE(ranges.empty());
            ASSERT_LE(ranges.size(), 32U);
            for (const MemoryRange& range : ranges) {
                ASSERT_GT(range.size, 0U);
                ASSERT_LE(range.size, 768U);
                ASSERT_GE(range.address + range.size, range.address);
                caller.fetched.push_back({range, random_bytes(range.size)});
            }
            result = caller.decode_once();
        }
        if (const auto* malformed = std::get_if<Malformed>(&result)) {
            ASSERT_TRUE(malformed->error == EINVAL || malformed->error == ENOTTY ||
                        malformed->error == EFAULT);
        }
    }
}

}  // namespace
}  // namespace ion::abi
