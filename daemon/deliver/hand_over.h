// SPDX-License-Identifier: Apache-2.0
//
// HandOver: puts a descriptor into the table of a stopped client thread, by calls that this thread makes.

#pragma once

#include <cstdint>

#include "daemon/base/result.h"
#include "daemon/deliver/remote_calls.h"

namespace ion {

struct HandOverOrder {
    int descriptor = -1;               ///< ours; the client gets a duplicate of it
    std::uint64_t number_address = 0;  ///< where in the client its number goes, 4 bytes
    bool close_on_exec = true;
    bool by_name = false;  ///< connect through NameLink even where pidfd_getfd would do (for tests)
};

/// Executes `order`. Success: the client's number, the lowest that was free. Failure: the client's table,
/// memory and limits are as before; EMFILE (no number is free below its limit), EFAULT (the number cannot be
/// written), ESRCH (killed), else what the failed call said.
Result<int> hand_over(RemoteCalls& calls, const HandOverOrder& order);

}  // namespace ion
