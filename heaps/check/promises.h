// SPDX-License-Identifier: Apache-2.0
//
// What every heap promises its core (heaps/heap.h, heaps/memory.h), each as a function that tries to catch it lying.

#pragma once

#include <span>

#include "heaps/check/property.h"
#include "heaps/check/subject.h"

namespace ion::check {

struct Promise {
    const char* name;  ///< one word
    const char* what;  ///< half a sentence
    Verdict (*check)(const Subject& subject, const Effort& effort);
};

/// A failure of one does not keep the others from being checked. An exception of the heap breaks the promise.
[[nodiscard]] std::span<const Promise> promises();

}  // namespace ion::check
