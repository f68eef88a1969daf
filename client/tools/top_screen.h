// SPDX-License-Identifier: Apache-2.0
//
// TopScreen: `ionctl top` on a terminal, by ncurses.

#pragma once

#include <functional>
#include <string>

#include "client/usage/figures.h"
#include "client/views/top_view.h"
#include "daemon/base/result.h"

/// Shows what `look` finds every `period_ms`, and at each key, until q is pressed. A look that fails shows its error and
/// is repeated: a daemon may come back. Errors: ENOTTY without a terminal, EINVAL for one that ncurses does not know.
[[nodiscard]] ion::Result<void> run_top_screen(const std::function<ion::Result<ion::usage::Figures>()>& look,
                                               ion::views::TopOptions options, int period_ms);
