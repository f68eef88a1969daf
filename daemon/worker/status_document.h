// SPDX-License-Identifier: Apache-2.0
//
// The JSON document that the control socket gives for "status".

#pragma once

#include <string>

#include "daemon/core/device.h"

namespace ion {

/// Version of the document's keys; rises when one changes its meaning or goes.
inline constexpr int kStatusSchema = 1;

/// What the daemon says of itself beside the device's state.
struct StatusFacts {
    std::string transport;  ///< "cuse" or "node"
    int worker_pid = 0;
    std::size_t calls_in_progress = 0;
    std::uint64_t journal_bytes = 0;
};

[[nodiscard]] std::string status_document(const Device& device, const StatusFacts& facts);

}  // namespace ion
