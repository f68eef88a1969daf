// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic on sizes that come from clients: overflow is a value, not an accident.

#pragma once

#include <cstdint>
#include <optional>

namespace ion {

/// Granule of every size and placement in this program, in bytes (x86-64 and arm64 with 4 KiB pages).
inline constexpr std::uint64_t kPageSize = 4096;

[[nodiscard]] constexpr std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) {
    std::uint64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        return std::nullopt;
    }
    return sum;
}

[[nodiscard]] constexpr std::optional<std::uint64_t> checked_mul(std::uint64_t a, std::uint64_t b) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) {
        return std::nullopt;
    }
    return product;
}

/// `value` rounded up to a multiple of `align`, which must be a power of two.
[[nodiscard]] constexpr std::optional<std::uint64_t> checked_round_up(std::uint64_t value,
                                                                      std::uint64_t align) {
    const auto bumped = checked_add(value, align - 1);
    if (!bumped) {
        return std::nullopt;
    }
    return *bumped & ~(align - 1);
}

[[nodiscard]] constexpr bool is_power_of_two(std::uint64_t value) {
    return value != 0 && (value & (value - 1)) == 0;
}

}  // namespace ion
