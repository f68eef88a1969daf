// SPDX-License-Identifier: Apache-2.0
//
// Who a thread of a client is, from /proc.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/core/record.h"

namespace ion {

struct ProcessInfo {
    std::int32_t pid = 0;  ///< thread group; 0 when the thread is gone or not visible
    Comm comm{};           ///< name of the group's leader
};

/// Path of a process's control group: of version 2, else of the first hierarchy; empty when it cannot be read.
[[nodiscard]] std::string cgroup_of(std::int32_t pid);

/// Supplementary groups of a thread; empty when they cannot be read.
[[nodiscard]] std::vector<std::uint32_t> groups_of(std::int32_t tid);

/// `tid` as in a request's header; 0 is answered with an empty ProcessInfo.
[[nodiscard]] ProcessInfo process_of_thread(std::int32_t tid);

}  // namespace ion
