// SPDX-License-Identifier: Apache-2.0
//
// Whether memory may have another user after its first.

#pragma once

#include "heaps/memory.h"

namespace ion {

/// True when a former user of this memory, found idle, cannot have kept a way back to it. There are three that idle()
/// does not see:
///
/// - The object is opened again: a path descriptor (O_PATH) of a memfd counts as no use, and leads to a full one at
///   any later time. Tried out.
/// - Its pages are held without a mapping (vmsplice, io_uring): those that a mapping shows to the kernel as ordinary
///   pages can be pinned, and then outlive descriptor and mapping. Tried out.
/// - The driver that made it takes it back: who may open vgem's card gets a handle for the object itself, which is no
///   reference to the dma-buf. So vgem's memory is not recyclable.
///
/// When in doubt false; so it is for every memfd, which can be replaced instead (Scrubber::replace()). The same for all memory of one exporter. The loop thread; takes a
/// few free descriptors for a moment.
[[nodiscard]] bool recyclable(const Memory& memory);

}  // namespace ion
