// SPDX-License-Identifier: Apache-2.0
//
// What `ionctl doctor` looks at, one function for each subject.

#pragma once

#include <string>
#include <vector>

#include "client/tools/machine.h"
#include "client/views/doctor_view.h"

/// Where a daemon is, or would be.
struct DaemonPlace {
    std::string device = "/dev/ion";
    std::string usage_mount = "/run/ion/debug";
    std::string unreachable;  ///< why no daemon answers; empty: one does
    pid_t worker = 0;         ///< 0 when there is none
};

/// Devices and files that iond's transports need.
[[nodiscard]] ion::views::Finding check_cuse(const Machine& machine);
[[nodiscard]] ion::views::Finding check_fuse(const Machine& machine);
[[nodiscard]] ion::views::Finding check_fusermount(const Machine& machine);

/// Where real dma-bufs come from, and what it means when there is no such place.
[[nodiscard]] ion::views::Finding check_udmabuf(const Machine& machine);
[[nodiscard]] ion::views::Finding check_vgem(const Machine& machine);
[[nodiscard]] ion::views::Finding check_dma_heap(const Machine& machine);
[[nodiscard]] ion::views::Finding check_dma_bufs(const Machine& machine);

/// Limits and rights.
[[nodiscard]] ion::views::Finding check_descriptors(const Machine& machine, const DaemonPlace& place);
[[nodiscard]] ion::views::Finding check_yama(const Machine& machine);
[[nodiscard]] ion::views::Finding check_seccomp(const Machine& machine);

/// The daemon itself, its device and its usage files.
[[nodiscard]] ion::views::Finding check_daemon(const Machine& machine, const DaemonPlace& place);
[[nodiscard]] ion::views::Finding check_device(const Machine& machine, const DaemonPlace& place);
[[nodiscard]] ion::views::Finding check_usage_mount(const Machine& machine, const DaemonPlace& place);

/// All of them.
[[nodiscard]] std::vector<ion::views::Finding> examine(const Machine& machine, const DaemonPlace& place);
