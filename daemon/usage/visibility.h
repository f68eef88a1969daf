// SPDX-License-Identifier: Apache-2.0
//
// What those who may not see everybody's details get to see.

#pragma once

#include <cstdint>

#include "daemon/core/snapshot.h"

namespace ion {

/// Who reads.
struct Viewer {
    bool sees_all = true;
    std::uint32_t uid = 0;

    [[nodiscard]] bool sees(std::uint32_t owner) const { return sees_all || owner == uid; }

    /// True for a buffer that the viewer's processes made or have a handle for.
    [[nodiscard]] bool sees(const BufferDetails& details) const;
};

/// Takes out of a snapshot what `viewer` may not see. All figures stay: the clients of others become one, called "hidden",
/// with pid 0 and the buffers of all of them, each once.
void hide_from(const Viewer& viewer, Snapshot& snapshot);

}  // namespace ion
