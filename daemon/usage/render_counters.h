// SPDX-License-Identifier: Apache-2.0
//
// The texts of files that hold one number, as the debugfs and sysfs of Android's 5.4 and 5.10 print it: decimal, a
// newline.

#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace ion {

/// Buffers of the heap that have not been released, whoever keeps them.
[[nodiscard]] std::string render_buffer_count(const HeapFigures& heap);

/// Their bytes, and those given back but not zeroed yet, which the kernel counts until they are.
[[nodiscard]] std::string render_buffer_bytes(const HeapFigures& heap);

/// The most that render_buffer_bytes() has been since the daemon was started, by its records.
[[nodiscard]] std::string render_peak_bytes(const HeapFigures& heap);

/// Pages that shrinking the heap would give back: pooled, or waiting to be zeroed. Of 4 KiB.
[[nodiscard]] std::string render_shrinkable_pages(const HeapFigures& heap);

/// Bytes of all heaps' buffers, in KiB, rounded down.
[[nodiscard]] std::string render_total_heaps_kb(const Snapshot& snapshot);

/// Bytes that heaps keep for their next buffers, in KiB, rounded down.
[[nodiscard]] std::string render_total_pools_kb(const Snapshot& snapshot);

}  // namespace ion
