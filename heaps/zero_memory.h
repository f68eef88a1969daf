// SPDX-License-Identifier: Apache-2.0
//
// Zeroing memory that a former user has left.

#pragma once

#include <cstdint>

namespace ion {

/// Overwrites all `size_bytes` of the memory behind `fd` with 0 and takes the name off a dma-buf that a client may
/// have given it. Its pages stay. False when that could not be done: then nobody may be given the memory.
///
/// Any thread, with the descriptor open until it returns. Takes about a millisecond for 4 MiB; waits for devices
/// that still work on a dma-buf.
[[nodiscard]] bool zero_memory(int fd, std::uint64_t size_bytes);

}  // namespace ion
