// SPDX-License-Identifier: Apache-2.0
//
// A promise checked in a process of its own, so that a heap that crashes or hangs is a result like any other.

#pragma once

#include <chrono>

#include "heaps/check/promises.h"

namespace ion::check {

/// `patience`: how much longer than effort.time the check may take before the heap is said to hang. Call it while
/// the process has one thread.
[[nodiscard]] Verdict check_isolated(const Promise& promise, const Subject& subject, const Effort& effort,
                                     std::chrono::milliseconds patience);

}  // namespace ion::check
