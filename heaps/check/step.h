// SPDX-License-Identifier: Apache-2.0
//
// Step: one thing that happens to a heap in a check. A list of them is what a counterexample consists of.

#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace ion::check {

enum class StepKind : std::uint8_t {
    kAllocate,
    kFree,
    kRestart  ///< the worker is killed; a new heap takes over
};

struct Step {
    StepKind kind = StepKind::kAllocate;
    std::uint32_t pages = 1;       ///< kAllocate
    std::uint32_t align_log2 = 0;  /// kAllocate: pages, 2^n; 0 asks for none
    std::uint32_t which =
        0;  ///< kFree: of the live buffers in the order of their allocation, modulo their number
    friend bool operator==(const Step&, const Step&) = default;
};

/// A line of words: "allocate 3 pages, free #0, restart".
[[nodiscard]] std::string describe(const std::vector<Step>& steps);

}  // namespace ion::check
