// SPDX-License-Identifier: Apache-2.0
//
// The client's half of the control socket.

#pragma once

#include <string>
#include <string_view>

#include "client/tools/subcommand.h"
#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "daemon/control/control_protocol.h"

/// Errors: ENOTCONN when no daemon is reachable, EACCES when this user may not reach it; with the path and a hint.
[[nodiscard]] ion::Result<ion::UniqueFd> connect_to_daemon(const CommonOptions& options);

/// The text of the reply. `document`: as the command has it. Errors: the daemon's own; EFBIG for a document that is too
/// long, EPROTO when it does not speak this protocol, EAGAIN when it does not answer within 5 s.
[[nodiscard]] ion::Result<std::string> ask_daemon(int socket, ion::ControlCommand command,
                                                  std::string_view document = {});

/// Connects, asks and prints the answer: the exit status.
[[nodiscard]] int print_answer(const CommonOptions& options, ion::ControlCommand command,
                               std::string_view document = {});
