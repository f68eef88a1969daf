// SPDX-License-Identifier: Apache-2.0
//
// buffers/<id> and buffers/all: what is known of a buffer, and the processes that have it open or mapped.

#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace ion {

/// Lines "key: value", always the same ones in the same order; `handle` and `holder` come once for each. docs/usage.md
/// has their meaning. `details` is one of the snapshot's.
[[nodiscard]] std::string render_buffer(const Snapshot& snapshot, const BufferDetails& details);

/// That of all, with an empty line between two.
[[nodiscard]] std::string render_buffers(const Snapshot& snapshot);

}  // namespace ion
