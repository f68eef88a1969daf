// SPDX-License-Identifier: Apache-2.0

#include "daemon/abi/command_table.h"
#include "daemon/abi/uapi_extension.h"
#include "daemon/abi/wire.h"

namespace ion::abi {
namespace {

static_assert(sizeof(ion_channel_open_data) == 8 && offsetof(ion_channel_open_data, fd) == 4);
static_assert(sizeof(ion_channel_alloc_data) == 32 && offsetof(ion_channel_alloc_data, fd) == 16);
static_assert(offsetof(ion_channel_alloc_data, token) == 24);
static_assert(sizeof(ion_channel_share_data) == 16 && offsetof(ion_channel_share_data, token) == 8);

DecodeResult decode_channel_open(const Call& call) {
    const auto wire = read_wire<ion_channel_open_data>(call.input);
    return Decoded{
        .request = ChannelOpen{.fd = wire.fd, .version = wire.version},
        .outputs = {.value = Field{offsetof(ion_channel_open_data, version), sizeof wire.version}}};
}

DecodeResult decode_channel_alloc(const Call& call) {
    using Wire = ion_channel_alloc_data;
    const auto wire = read_wire<Wire>(call.input);
    return Decoded{
        .request = ChannelAlloc{{.length = wire.len,
                                 .heap_mask = wire.heap_id_mask,
                                 .flags = wire.flags,
                                 .returns_fd = true}},
        .outputs = {.fd = kFdField<Wire>, .value = Field{offsetof(Wire, token), sizeof wire.token}}};
}

DecodeResult decode_channel_share(const Call& call) {
    using Wire = ion_channel_share_data;
    const auto wire = read_wire<Wire>(call.input);
    return Decoded{
        .request = ChannelShare{handle_value(wire.handle)},
        .outputs = {.fd = kFdField<Wire>, .value = Field{offsetof(Wire, token), sizeof wire.token}}};
}

constexpr CommandRow kRows[] = {
    {ION_IOC_CHANNEL_OPEN, Generation::kExtension, decode_channel_open},
    {ION_IOC_CHANNEL_ALLOC, Generation::kExtension, decode_channel_alloc},
    {ION_IOC_CHANNEL_SHARE, Generation::kExtension, decode_channel_share},
};

}  // namespace

std::span<const CommandRow> extension_commands() {
    return kRows;
}

}  // namespace ion::abi
