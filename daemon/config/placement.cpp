// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/placement.h"

#include <algorithm>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

std::uint64_t round_down(std::uint64_t value, std::uint64_t align) {
    return value & ~(align - 1);
}

std::uint64_t distance(std::uint64_t a, std::uint64_t b) {
    return a < b ? b - a : a - b;
}

/// The base of a region in the middle of the window.
std::uint64_t middle_of(const PlacementWish& wish) {
    const std::uint64_t spare = wish.size < wish.window.size ? wish.window.size - wish.size : 0;
    return round_down(wish.window.base + spare / 2, wish.align);
}

std::optional<std::uint64_t> base_in(const PlacedRange& gap, const PlacementWish& wish) {
    const auto lowest = checked_round_up(gap.base, wish.align);
    if (!lowest || wish.size > gap.size || *lowest - gap.base > gap.size - wish.size) {
        return std::nullopt;
    }
    const std::uint64_t highest = round_down(gap.base + gap.size - wish.size, wish.align);
    switch (wish.position) {
        case Position::kHigh:
            return highest;
        case Position::kMiddle:
            return std::clamp(middle_of(wish), *lowest, highest);
        case Position::kNone:
        case Position::kLow:
            break;
    }
    return lowest;
}

bool better(std::uint64_t one, std::uint64_t other, const PlacementWish& wish) {
    switch (wish.position) {
        case Position::kHigh:
            return one > other;
        case Position::kMiddle:
            return distance(one, middle_of(wish)) < distance(other, middle_of(wish));
        case Position::kNone:
        case Position::kLow:
            break;
    }
    return one < other;
}

}  // namespace

std::optional<std::uint64_t> best_base(std::span<const PlacedRange> gaps, const PlacementWish& wish) {
    std::optional<std::uint64_t> best;
    for (const PlacedRange& gap : gaps) {
        const auto base = base_in(gap, wish);
        if (base && (!best || better(*base, *best, wish))) {
            best = base;
        }
    }
    return best;
}

}  // namespace ion
