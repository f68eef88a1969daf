// SPDX-License-Identifier: Apache-2.0

#include "daemon/abi/command_table.h"
#include "daemon/abi/uapi_legacy.h"
#include "daemon/abi/wire.h"

namespace ion::abi {
namespace {

using namespace uapi;

DecodeResult decode_alloc_one_word(const Call& call) {
    const auto wire = read_wire<AllocOneWord32>(call.input);
    return Decoded{.request = Alloc{.length = length_value(wire.len),
                                    .align = wire.align,
                                    .heap_mask = wire.flags,
                                    .flags = wire.flags,
                                    .one_flag_word = true},
                   .outputs = {.handle = kHandleField<AllocOneWord32>}};
}

template <typename Wire>
DecodeResult decode_alloc(const Call& call) {
    const auto wire = read_wire<Wire>(call.input);
    return Decoded{.request = Alloc{.length = length_value(wire.len),
                                    .align = wire.align,
                                    .heap_mask = wire.heap_id_mask,
                                    .flags = wire.flags},
                   .outputs = {.handle = kHandleField<Wire>}};
}

template <typename Wire>
DecodeResult decode_free(const Call& call) {
    return Decoded{.request = Free{handle_value(read_wire<Wire>(call.input).handle)}};
}

template <typename Wire>
DecodeResult decode_share(const Call& call) {
    return Decoded{.request = Share{handle_value(read_wire<Wire>(call.input).handle)},
                   .outputs = {.fd = kFdField<Wire>}};
}

template <typename Wire>
DecodeResult decode_import(const Call& call) {
    return Decoded{.request = Import{read_wire<Wire>(call.input).fd},
                   .outputs = {.handle = kHandleField<Wire>}};
}

/// The fd lies beyond the 4 bytes that the number declares.
template <typename Wire>
DecodeResult decode_import_short(const Call& call) {
    const MemoryRange fd{call.argument + kFdField<Wire>.offset, kFdField<Wire>.width};
    if (call.argument > fd.address) {
        return Malformed{EFAULT};
    }
    if (auto found = obstacle(call.fetched, {&fd, 1})) {
        return *std::move(found);
    }
    return Decoded{.request = Import{read_wire<std::int32_t>(call.fetched.front().bytes)},
                   .outputs = {.handle = kHandleField<Wire>}};
}

template <typename Wire>
DecodeResult decode_custom(const Call& call) {
    const auto wire = read_wire<Wire>(call.input);
    return Decoded{.request = Custom{wire.cmd, wire.arg}};
}

template <typename Wire>
DecodeResult decode_sync(const Call& call) {
    return Decoded{.request = Sync{read_wire<Wire>(call.input).fd}};
}

constexpr CommandRow kRows[] = {
    {kAllocOneWord32, Generation::kA, decode_alloc_one_word},
    {kAlloc32, Generation::kA, decode_alloc<Alloc32>},
    {kAlloc64, Generation::kA, decode_alloc<Alloc64>},
    {kFree32, Generation::kA, decode_free<Handle32>},
    {kFree64, Generation::kA, decode_free<Handle64>},
    {kMap32, Generation::kA, decode_share<Fd32>},
    {kMap64, Generation::kA, decode_share<Fd64>},
    {kShare32, Generation::kA, decode_share<Fd32>},
    {kShare64, Generation::kA, decode_share<Fd64>},
    {kImportShort, Generation::kA, decode_import_short<Fd32>, false, Callers::kOnly32},
    {kImportShort, Generation::kA, decode_import_short<Fd64>, false, Callers::kOnly64},
    {kImport32, Generation::kA, decode_import<Fd32>},
    {kImport64, Generation::kA, decode_import<Fd64>},
    {kCustom32, Generation::kA, decode_custom<Custom32>},
    {kCustom64, Generation::kA, decode_custom<Custom64>},
    {kSync32, Generation::kA, decode_sync<Fd32>},
    {kSync64, Generation::kA, decode_sync<Fd64>},
};

}  // namespace

std::span<const CommandRow> legacy_commands() {
    return kRows;
}

}  // namespace ion::abi
