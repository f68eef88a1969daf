// SPDX-License-Identifier: Apache-2.0
//
// What a journal says, read while no worker writes it.

#pragma once

#include "daemon/core/state.h"
#include "daemon/journal/journal.h"

namespace ion {

/// Errors: EBADMSG.
[[nodiscard]] Result<State> recorded_state(Journal& journal);

/// The number behind the last descriptor that the journal in `fd` (borrowed) names; 0 when it names none or cannot be read.
[[nodiscard]] int end_of_recorded(int fd);

}  // namespace ion
