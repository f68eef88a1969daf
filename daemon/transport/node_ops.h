// SPDX-License-Identifier: Apache-2.0
//
// The FUSE node: a mount whose root holds one file, "ion", that takes ioctls. And the three callbacks that it
// shares with the CUSE device.

#pragma once

#define FUSE_USE_VERSION 35
#include <fuse3/fuse_lowlevel.h>

#include <cstddef>
#include <cstdint>

namespace ion {

void device_open(fuse_req_t request, fuse_file_info* file);
void device_release(fuse_req_t request, fuse_file_info* file);
void device_ioctl(fuse_req_t request, std::uint32_t command, void* argument, fuse_file_info* file,
                  unsigned flags, const void* input, std::size_t input_size, std::size_t output_size);

/// `userdata` must be a DeviceTransport. Null when memory is short.
fuse_session* new_node_session(void* userdata);

}  // namespace ion
