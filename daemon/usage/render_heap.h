// SPDX-License-Identifier: Apache-2.0
//
// The text of heaps/<heap>, as kernels 3.10 to 4.11 print it.

#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace ion {

/// Client rows count a shared buffer once for each client; "total" counts every buffer once. A buffer that no
/// client has a handle for is an orphan. `heap` is one of the snapshot's.
[[nodiscard]] std::string render_heap(const Snapshot& snapshot, const HeapFigures& heap);

}  // namespace ion
