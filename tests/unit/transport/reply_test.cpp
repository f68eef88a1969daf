// SPDX-License-Identifier: Apache-2.0

#include "daemon/transport/reply.h"

#include <gtest/gtest.h>
#include <linux/fuse.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace ion {
namespace {

constexpr std::uint64_t kUnique = 0x1122334455667788;

template <typename Wire>
Wire read_at(std::span<const std::byte> bytes, std::size_t offset) {
    Wire wire{};
    if (bytes.size() >= offset + sizeof(wire)) {
        std::memcpy(&wire, bytes.data() + offset, sizeof(wire));
    } else {
        ADD_FAILURE() << "only " << bytes.size() << " bytes";
    }
    return wire;
}

void expect_header(std::span<const std::byte> reply, int error) {
    const auto header = read_at<fuse_out_header>(reply, 0);
    EXPECT_EQ(header.len, reply.size());
    EXPECT_EQ(header.error, error);
    EXPECT_EQ(header.unique, kUnique);
}

TEST(Reply, ToAFailedRequestIsAHeaderWithTheNegativeErrno) {
    const auto reply = error_reply(kUnique, ENOTTY);

    EXPECT_EQ(reply.size(), 16U);
    expect_header(reply, -ENOTTY);
}

TEST(Reply, ToARequestWithoutResultIsAHeaderAlone) {
    const auto reply = error_reply(kUnique, 0);

    EXPECT_EQ(reply.size(), 16U);
    expect_header(reply, 0);
}

TEST(Reply, ToOpenNamesTheFile) {
    for (const bool has_position : {true, false}) {
        const auto reply = open_reply(kUnique, 42, has_position);

        EXPECT_EQ(reply.size(), 32U);
        expect_header(reply, 0);
        const auto body = read_at<fuse_open_out>(reply, sizeof(fuse_out_header));
        EXPECT_EQ(body.fh, 42U);
        EXPECT_EQ(body.open_flags, FOPEN_DIRECT_IO | (has_position ? 0U : FOPEN_NONSEEKABLE));
    }
}

TEST(Reply, ToIoctlCarriesItsResultInTheBodyAndTheStructBehindIt) {
    const std::string data = "eight by";

    const auto reply = ioctl_reply(kUnique, -EINVAL, std::as_bytes(std::span(data)));

    EXPECT_EQ(reply.size(), 16U + 16U + data.size());
    expect_header(reply, 0);  // a header with an error would keep the kernel from copying the struct
    const auto body = read_at<fuse_ioctl_out>(reply, sizeof(fuse_out_header));
    EXPECT_EQ(body.result, -EINVAL);
    EXPECT_EQ(body.flags, 0U);
    EXPECT_EQ(body.in_iovs + body.out_iovs, 0U);
    EXPECT_EQ(std::memcmp(reply.data() + 32, data.data(), data.size()), 0);
}

TEST(Reply, ToIoctlMayComeWithoutStruct) {
    const auto reply = ioctl_reply(kUnique, 0, {});

    EXPECT_EQ(reply.size(), 32U);
    expect_header(reply, 0);
}

}  // namespace
}  // namespace ion
