// SPDX-License-Identifier: Apache-2.0
//
// StrongId: numbers that name different things are different types.

#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace ion {

template <typename Tag, typename Value>
struct StrongId {
    Value value = 0;
    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison's 0 for a pointer
    friend auto operator<=>(const StrongId&, const StrongId&) = default;
};

}  // namespace ion

template <typename Tag, typename Value>
struct std::hash<ion::StrongId<Tag, Value>> {
    std::size_t operator()(const ion::StrongId<Tag, Value>& id) const noexcept {
        return std::hash<Value>{}(id.value);
    }
};
