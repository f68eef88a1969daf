// SPDX-License-Identifier: Apache-2.0

#include "daemon/transport/reply.h"

#include <linux/fuse.h>

#include <cstring>

namespace ion {

namespace {

template <typename Body>
std::vector<std::byte> reply(std::uint64_t unique, const Body& body, std::span<const std::byte> data) {
    fuse_out_header header{};
    header.len = static_cast<std::uint32_t>(sizeof(header) + sizeof(body) + data.size());
    header.unique = unique;
    std::vector<std::byte> bytes(header.len);
    std::memcpy(bytes.data(), &header, sizeof(header));
    std::memcpy(bytes.data() + sizeof(header), &body, sizeof(body));
    if (!data.empty()) {
        std::memcpy(bytes.data() + sizeof(header) + sizeof(body), data.data(), data.size());
    }
    return bytes;
}

}  // namespace

std::vector<std::byte> error_reply(std::uint64_t unique, int error) {
    fuse_out_header header{};
    header.len = sizeof(header);
    header.error = -error;
    header.unique = unique;
    std::vector<std::byte> bytes(sizeof(header));
    std::memcpy(bytes.data(), &header, sizeof(header));
    return bytes;
}

std::vector<std::byte> open_reply(std::uint64_t unique, std::uint64_t file, bool has_position) {
    fuse_open_out body{};
    body.fh = file;
    body.open_flags = FOPEN_DIRECT_IO | (has_position ? 0U : FOPEN_NONSEEKABLE);
    return reply(unique, body, {});
}

std::vector<std::byte> ioctl_reply(std::uint64_t unique, std::int32_t result,
                                   std::span<const std::byte> data) {
    fuse_ioctl_out body{};
    body.result = result;
    return reply(unique, body, data);
}

}  // namespace ion
