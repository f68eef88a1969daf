// SPDX-License-Identifier: Apache-2.0
//
// Searching for a list of steps that breaks something, and making it short.

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "heaps/check/step.h"

namespace ion::check {

/// Of fixed size, so that processes can share it.
struct LastCase {
    std::uint64_t seed = 0;
    std::array<char, 8192> steps{};  ///< as describe() has them, cut off at the end; empty: there was no case
};

/// How long to search, and where to begin.
struct Effort {
    std::uint64_t seed = 0;             ///< the same seed finds the same at first
    std::chrono::milliseconds time{0};  ///< no new batch of cases is begun after this; the first always runs
    /// A search notes each case here before it is tried, for whoever finds out that it was the last.
    LastCase* last = nullptr;
};

struct Verdict {
    enum class Kind : std::uint8_t { kKept, kBroken, kNotApplicable };
    Kind kind = Kind::kKept;
    std::string text{};       ///< kBroken: what was seen; kNotApplicable: why
    std::string steps{};      ///< kBroken, when it was found by a search: what leads there
    std::uint64_t seed = 0;   ///< kBroken by a search: an Effort that finds it in its first batch
    std::uint64_t cases = 0;  ///< how many were tried
    friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// Says what is wrong with a case; nothing when all is well.
using Judge = std::function<std::optional<std::string>(const std::vector<Step>&)>;

/// Generated lists of steps, longer and longer. `most_pages`: of the largest allocation.
[[nodiscard]] Verdict search(const Effort& effort, std::uint32_t most_pages, const Judge& judge);

}  // namespace ion::check
