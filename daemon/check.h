// SPDX-License-Identifier: Apache-2.0
//
// Checking a configuration before anything is served.

#pragma once

#include <string>
#include <vector>

#include "daemon/config/config.h"

namespace ion {

/// Loads the plug-ins and drivers and checks the texts, in a child process: code of plug-ins belongs in workers, so that nothing
/// of it can go wrong in the keeper.
///
/// Returns "configuration ok: ..." Errors: those of check_configuration() and LoadedDriver::read(); EIO when a plug-in ends the child.
[[nodiscard]] Result<std::string> check_in_child(const std::vector<ConfigText>& texts);

}  // namespace ion
