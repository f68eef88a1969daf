// SPDX-License-Identifier: Apache-2.0
//
// Finds the processes that have buffers open or mapped, by the inodes that /proc tells.
//
// It takes as long as there are processes, and may wait for one whose address space is busy: never on the loop.

#pragma once

#include <sys/types.h>

#include <set>
#include <string>

#include "daemon/core/buffer_holders.h"

namespace ion {

/// Looks at every process that `proc` (a mounted procfs) shows, but those in `without`: descriptors first, then
/// mappings. Only names of memfds and dma-bufs are followed to their inode, so that no other file system is asked
/// anything. Files that are no buffers of ours are in the result as well.
///
/// A process is counted as unseen when the rights to look into it are missing, and left out when it ends meanwhile.
/// A thread with a descriptor table of its own is not looked at, nor are descriptors on their way through a socket.
///
/// `named`: a process whose descriptors tell the names of dma-bufs (the caller's own); 0 for none.
[[nodiscard]] BufferHolders find_holders(const std::string& proc, const std::set<pid_t>& without,
                                         pid_t named);

}  // namespace ion
