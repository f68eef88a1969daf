// SPDX-License-Identifier: Apache-2.0
//
// `metrics`: all figures in the OpenMetrics 1.0 text format, for Prometheus and others.

#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace ion {

/// Ends with "# EOF". Names of processes are escaped as the format wants it.
[[nodiscard]] std::string render_metrics(const Snapshot& snapshot);

}  // namespace ion
