// SPDX-License-Identifier: Apache-2.0
//
// The descriptors that a worker finds in the table it shares with the keeper: which of them the journal names,
// and the rest, which a killed worker left over.

#pragma once

#include <span>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "daemon/core/state.h"

namespace ion {

/// The numbers of the descriptors that a state names.
[[nodiscard]] std::vector<int> named_by(const State& state);

/// The descriptor of a recorded buffer, for Device::restore(). Errors: EBADF when it is not that object any more.
[[nodiscard]] Result<UniqueFd> take_recorded(const BufferCreated& made);

/// Closes every descriptor that is neither the keeper's nor named by the state. Before anything is opened.
void close_unnamed(std::span<const int> keeper_fds, const State& state);

}  // namespace ion
