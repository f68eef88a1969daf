// SPDX-License-Identifier: Apache-2.0
//
// Bytes and wire structs: reading one, and naming the fields of its output.

#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "daemon/abi/request.h"

namespace ion::abi {

static_assert(std::endian::native == std::endian::little, "ION's structs are little-endian");

/// The struct at the beginning of `bytes`; what is missing reads as zero.
template <typename Wire>
[[nodiscard]] Wire read_wire(std::span<const std::byte> bytes) {
    static_assert(std::is_trivially_copyable_v<Wire>);
    static_assert(std::has_unique_object_representations_v<Wire>, "padding must be a member");
    Wire wire{};
    if (!bytes.empty()) {
        std::memcpy(&wire, bytes.data(), std::min(bytes.size(), sizeof(Wire)));
    }
    return wire;
}

/// A handle as the caller stored it. Negative ints become numbers beyond every handle (31 bits).
[[nodiscard]] constexpr std::uint64_t handle_value(std::int32_t handle) {
    return static_cast<std::uint64_t>(std::int64_t{handle});
}
[[nodiscard]] constexpr std::uint64_t handle_value(std::uint64_t handle) {
    return handle;
}

/// A length as the caller stored it. What rounds up to no pages in the caller's size_t does so here as well.
[[nodiscard]] constexpr std::uint64_t length_value(std::uint32_t length) {
    constexpr std::uint32_t kMostPages = ~std::uint32_t{4095};
    return length > kMostPages ? ~std::uint64_t{0} : length;
}
[[nodiscard]] constexpr std::uint64_t length_value(std::uint64_t length) {
    return length;
}

template <typename Wire>
inline constexpr Field kHandleField{offsetof(Wire, handle), sizeof(Wire::handle)};
template <typename Wire>
inline constexpr Field kFdField{offsetof(Wire, fd), sizeof(Wire::fd)};

}  // namespace ion::abi
