// SPDX-License-Identifier: Apache-2.0

#include <linux/ioctl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "daemon/abi/decode.h"
#include "daemon/abi/uapi_modern.h"
#include "daemon/abi/wire.h"

namespace ion::abi {
namespace {

struct Write {
    Field field;
    std::uint64_t value;
};

std::vector<Write> writes_of(const OutputFields& fields, const Outputs& outputs) {
    std::vector<Write> writes;
    if (fields.handle && outputs.handle) {
        writes.push_back({*fields.handle, *outputs.handle});
    }
    if (fields.fd && outputs.fd) {
        writes.push_back({*fields.fd, static_cast<std::uint64_t>(std::int64_t{*outputs.fd})});
    }
    if (fields.value && outputs.value) {
        writes.push_back({*fields.value, *outputs.value});
    }
    return writes;
}

/// Puts what lies inside the declared bytes there, and what lies beyond into `extra`.
void apply(const Write& write, const Call& call, EncodedReply& reply) {
    std::array<std::byte, sizeof write.value> bytes{};
    std::memcpy(bytes.data(), &write.value, bytes.size());
    const std::size_t begin = write.field.offset;
    const std::size_t width = std::min<std::size_t>(write.field.width, bytes.size());
    const std::size_t room = reply.declared.size() > begin ? reply.declared.size() - begin : 0;
    const std::size_t inside = std::min(width, room);
    for (std::size_t i = 0; i < inside; ++i) {
        reply.declared[begin + i] = bytes[i];
    }
    if (inside < width) {
        reply.extra.push_back({.range = {call.argument + begin + inside, width - inside},
                               .bytes = {bytes.begin() + static_cast<std::ptrdiff_t>(inside),
                                         bytes.begin() + static_cast<std::ptrdiff_t>(width)}});
    }
}

}  // namespace

EncodedReply encode(const Call& call, const OutputFields& fields, const Outputs& outputs) {
    const std::vector<Write> writes = writes_of(fields, outputs);
    EncodedReply reply;
    if (writes.empty()) {
        return reply;
    }
    if ((_IOC_DIR(call.command) & _IOC_READ) != 0) {
        const std::size_t declared = _IOC_SIZE(call.command);
        const auto kept = call.input.first(std::min(call.input.size(), declared));
        reply.declared.assign(kept.begin(), kept.end());
        reply.declared.resize(declared);
    }
    for (const Write& write : writes) {
        apply(write, call, reply);
    }
    return reply;
}

std::uint64_t fd_address(const Call& call, const OutputFields& fields) {
    return call.argument + fields.fd.value().offset;
}

std::vector<std::byte> encode_heap_records(std::span<const HeapRecord> records) {
    static_assert(sizeof(uapi::HeapData) == kHeapRecordSize);
    std::vector<std::byte> bytes(records.size() * kHeapRecordSize);
    std::byte* place = bytes.data();
    for (const HeapRecord& record : records) {
        uapi::HeapData wire{};
        record.name.copy(wire.name, sizeof wire.name - 1);
        wire.type = record.type;
        wire.heap_id = record.id;
        std::memcpy(place, &wire, sizeof wire);
        place += sizeof wire;
    }
    return bytes;
}

}  // namespace ion::abi
