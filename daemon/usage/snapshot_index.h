// SPDX-License-Identifier: Apache-2.0
//
// Questions about a snapshot that more than one usage text asks.

#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "daemon/core/snapshot.h"

namespace ion {

/// Null when the snapshot has no such heap, client or buffer. The result points into the snapshot.
[[nodiscard]] const HeapFigures* find_heap(const Snapshot& snapshot, HeapId id);
[[nodiscard]] const ClientUsage* find_client(const Snapshot& snapshot, ClientId id);
[[nodiscard]] const BufferUsage* find_buffer(const Snapshot& snapshot, BufferId id);
[[nodiscard]] const BufferDetails* find_details(const Snapshot& snapshot, BufferId id);

/// Bytes of the buffers that a client has handles for, by heap. A buffer counts once, however often it is
/// listed; a heap without any of them is absent.
[[nodiscard]] std::map<HeapId, std::uint64_t> bytes_by_heap(const Snapshot& snapshot,
                                                            const ClientUsage& client);

/// Name of a client's usage file: "<name>-<serial>".
[[nodiscard]] std::string display_name(const ClientUsage& client);

}  // namespace ion
