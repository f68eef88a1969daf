// SPDX-License-Identifier: Apache-2.0
//
// Bridge from libfuse's C callbacks into C++: nothing may be thrown through C frames.

#pragma once

#include <exception>

#include "daemon/base/log.h"

namespace ion {

/// Runs `body`. Any exception (out of memory) ends the worker: its request is in the journal, so the next
/// worker takes it up again, from a clean heap.
template <typename Body>
void guarded(Body body) noexcept {
    try {
        body();
    } catch (const std::exception& problem) {
        ION_ERROR("transport", "exception while serving: {}", problem.what());
        std::terminate();
    }
}

}  // namespace ion
