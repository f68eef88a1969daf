// SPDX-License-Identifier: Apache-2.0
//
// Keeper: the process that stays. It opens what must outlive a worker, starts workers that share its descriptor
// table, and clears away at the end. It does nothing else, so that nothing can go wrong in it.

#pragma once

#include <vector>

#include "daemon/config/config.h"
#include "daemon/keeper/inheritance.h"
#include "daemon/options.h"

namespace ion {

/// Serves until SIGTERM or SIGINT; SIGHUP has the worker read the configuration again; SIGUSR2 starts the program on
/// disk in this one's place, if that can go on from here. `texts`: the configuration at the start, found good; one that
/// the journal names goes before it. `inherited`: what a former keeper left; its journal names the rest.
///
/// Returns the exit status: 0 after a clean stop; 1 when it could not start (one line on stderr says why) or had to
/// give up.
int run_keeper(const CommandLine& options, const std::vector<ConfigText>& texts, const FdNumbers& inherited);

}  // namespace ion
