// SPDX-License-Identifier: Apache-2.0

#include "daemon/abi/command_table.h"
#include "daemon/abi/uapi_modern.h"
#include "daemon/abi/wire.h"

namespace ion::abi {
namespace {

using namespace uapi;

DecodeResult decode_alloc_fd(const Call& call) {
    const auto wire = read_wire<AllocFd>(call.input);
    return Decoded{
        .request =
            Alloc{
                .length = wire.len, .heap_mask = wire.heap_id_mask, .flags = wire.flags, .returns_fd = true},
        .outputs = {.fd = kFdField<AllocFd>}};
}

DecodeResult decode_heap_query(const Call& call) {
    const auto wire = read_wire<HeapQueryData>(call.input);
    const bool reserved_set = (wire.reserved0 | wire.reserved1 | wire.reserved2) != 0;
    return Decoded{.request = HeapQuery{wire.cnt, wire.heaps, reserved_set},
                   .outputs = {.value = Field{offsetof(HeapQueryData, cnt), sizeof wire.cnt}}};
}

DecodeResult decode_abi_version(const Call& /*call*/) {
    return Decoded{.request = AbiVersion{}, .outputs = {.value = Field{0, sizeof(std::uint32_t)}}};
}

constexpr CommandRow kRows[] = {
    {kAllocFd, Generation::kC, decode_alloc_fd},
    {kHeapQuery, Generation::kB, decode_heap_query},
    {.command = kAbiVersion,
     .generation = Generation::kC,
     .decode = decode_abi_version,
     .profile = Profile::kNotLinux510},
};

}  // namespace

std::span<const CommandRow> modern_commands() {
    return kRows;
}

}  // namespace ion::abi
