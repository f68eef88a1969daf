// SPDX-License-Identifier: Apache-2.0
//
// Output and exit statuses of every command.

#pragma once

#include <string>

#include "daemon/base/result.h"

/// The exit status that belongs to an errno: kNotReachable, kRefused, kNotFound or kFailed.
[[nodiscard]] int exit_status(const ion::Error& error);

/// Prints the error on stderr: its exit status.
int report(const ion::Error& error);

/// Prints `text`: kDone, or kFailed when not all of it could be written.
int print(const std::string& text);
int print(const ion::Result<std::string>& text);
