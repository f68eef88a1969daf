// SPDX-License-Identifier: Apache-2.0
//
// Successor: the program on disk that takes this one's place, in the same process, with the same descriptors under
// the same numbers.

#pragma once

#include <span>

#include "daemon/base/result.h"
#include "daemon/keeper/inheritance.h"

namespace ion {

/// Has the program at the path that this one was started from check, with this one's arguments, whether it could serve
/// and go on with `journal`. Changes nothing; takes some 10 ms, at most 4 s.
///
/// Errors: EINVAL with what that program says; ETIMEDOUT; those of starting it.
[[nodiscard]] Result<void> check_successor(int journal);

/// Becomes that program, with this one's arguments. Of all descriptors it gets standard input, output and error, those
/// `named` and those in `keep`. Returns only when it cannot; nothing has changed then.
Error become_successor(const FdNumbers& named, std::span<const int> keep);

}  // namespace ion
