// SPDX-License-Identifier: Apache-2.0
//
// For tests of the ABI layer: building wire bytes, a fake caller's memory, and results as readable text.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/abi/decode.h"
#include "daemon/abi/request.h"

namespace ion::abi {

/// Little-endian bytes, one number after the other.
class Wire {
  public:
    Wire& u32(std::uint32_t value) { return put(value, 4); }
    Wire& s32(std::int32_t value) { return put(static_cast<std::uint32_t>(value), 4); }
    Wire& u64(std::uint64_t value) { return put(value, 8); }
    operator std::vector<std::byte>() const { return bytes_; }  // NOLINT(google-explicit-constructor)

  private:
    Wire& put(std::uint64_t value, int width) {
        for (int i = 0; i < width; ++i) {
            bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
        }
        return *this;
    }
    std::vector<std::byte> bytes_;
};

/// A caller that is inside one ioctl.
struct Caller {
    std::uint32_t command = 0;
    bool compat = false;
    std::uint64_t argument = 0x1000;
    std::vector<std::byte> input = {};
    std::map<std::uint64_t, std::vector<std::byte>> memory = {};  ///< by address; read only whole entries
    DecodeOptions options = {};

    std::vector<FetchedMemory> fetched = {};            ///< after decode_fully()
    std::vector<std::vector<MemoryRange>> rounds = {};  ///< what was asked for, round by round

    [[nodiscard]] Call call() const;
    [[nodiscard]] DecodeResult decode_once() const { return decode(call(), options); }
    /// Answers NeedMemory from `memory` until a result is there; EFAULT for an address that is not in it.
    DecodeResult decode_fully();
};

/// "A alloc len=4096 align=0 mask=0x1 flags=0x0 -> handle@12:4", "need 0x1004+4" or "errno 25".
std::string describe(const DecodeResult& result);

}  // namespace ion::abi
