// SPDX-License-Identifier: Apache-2.0
//
// The text of clients/<pid>-<n>, as kernels 3.10 to 4.11 print it.

#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace ion {

/// One row for each heap that the client has handles in, ascending id. Names lose what is beyond 16 bytes.
/// `client` is one of the snapshot's.
[[nodiscard]] std::string render_client(const Snapshot& snapshot, const ClientUsage& client);

}  // namespace ion
