// SPDX-License-Identifier: Apache-2.0
//
// The groups of cases. Each runs in a process of its own with device.fd open; those about buffers once for each role.

#pragma once

#include "device.h"

void group_dev(const struct role* role);     ///< the device file, all but ioctls of ION
void group_query(const struct role* role);   ///< HEAP_QUERY
void group_alloc(const struct role* role);   ///< ALLOC: values
void group_ptr(const struct role* role);     ///< ALLOC: where the argument lies
void group_cmd(const struct role* role);     ///< every other command number
void group_buf(const struct role* role);     ///< the buffer's descriptor as a file
void group_sync(const struct role* role);    ///< DMA_BUF_IOCTL_SYNC and DMA_BUF_SET_NAME
void group_mmap(const struct role* role);    ///< arguments of mmap, then what a mapping can do
void group_share(const struct role* role);   ///< between processes, users and namespaces
void group_limits(const struct role* role);  ///< resource limits
void group_stress(const struct role* role);  ///< threads and signals
void group_prio(const struct role* role);    ///< which heap serves a mask; needs the counters of device.usage
void group_half(const struct role* role);    ///< buffers around half of the machine's memory

/// The calls of group_dev on one open file, and of group_mmap on mappings that exist.
void device_file_cases(int fd, int access_mode);
void mapping_cases(const struct role* role);
