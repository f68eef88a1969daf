// SPDX-License-Identifier: Apache-2.0
//
// The usage texts of generation A (msm kernels 3.0 and 3.4), whose sizes are partly hexadecimal.

#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace ion {

/// `<heap>`: a row for each client that has memory of this heap, the heap's own lines, its memory map.
[[nodiscard]] std::string render_legacy_heap(const Snapshot& snapshot, const HeapFigures& heap);

/// `<pid>`: a row for each handle, with the physical address where the heap's memory has one. The column "buffer",
/// a kernel address there, is the buffer's number.
[[nodiscard]] std::string render_legacy_client(const Snapshot& snapshot, const ClientUsage& client);

/// `check_leaked_fds`: a row for each buffer for which no client has a handle.
[[nodiscard]] std::string render_leaked_fds(const Snapshot& snapshot);

}  // namespace ion
