// SPDX-License-Identifier: Apache-2.0
//
// What a service's daemon takes out of the service manager's store when it starts: made by root before it, cleared away by
// root after it.

#pragma once

#include "daemon/base/result.h"
#include "daemon/options.h"

namespace ion {

/// Opens everything and leaves it in the store, the control socket owned by `user` and `group`. Nothing when a daemon runs
/// there, or the store has it from before. Every error is one line that says what is wrong and the remedy.
Result<void> open_into_store(const CommandLine& options, unsigned user, unsigned group);

/// Removes the mounts and files that a service leaves, and nobody serves any more.
void clear_stored(const CommandLine& options);

}  // namespace ion
