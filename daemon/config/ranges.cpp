// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/ranges.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace ion {

std::string hex(std::uint64_t value) {
    std::array<char, 16> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    return "0x" + std::string(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

std::string text_of(const PlacedRange& range) {
    return "[" + hex(range.base) + ", " + hex(range.base + range.size) + ")";
}

bool overlap(const PlacedRange& a, const PlacedRange& b) {
    return a.size != 0 && b.size != 0 && a.base < b.base + b.size && b.base < a.base + a.size;
}

std::vector<PlacedRange> gaps_in(const PlacedRange& window, std::vector<PlacedRange> taken) {
    std::ranges::sort(taken, {}, &PlacedRange::base);
    std::vector<PlacedRange> gaps;
    const std::uint64_t end = window.base + window.size;
    std::uint64_t at = window.base;
    for (const PlacedRange& range : taken) {
        const std::uint64_t next = std::min(range.base, end);
        if (next > at) {
            gaps.push_back({.base = at, .size = next - at});
        }
        at = std::max(at, std::min(range.base + range.size, end));
    }
    if (at < end) {
        gaps.push_back({.base = at, .size = end - at});
    }
    return gaps;
}

}  // namespace ion
