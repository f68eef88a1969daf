// SPDX-License-Identifier: Apache-2.0
//
// Whether a path of the program leads to the device, which exists nowhere but in the supervisor.

#pragma once

#include <sys/types.h>

#include <string>

namespace ion {

/// A path as the thread `tid` gave it to open(2).
struct OpenedPath {
    pid_t tid = 0;
    int directory = -1;            ///< its descriptor, or AT_FDCWD
    std::string path;              ///< empty leads nowhere
    bool follow_last_link = true;  ///< not with O_NOFOLLOW
};

/// True when the path leads to /dev/`name`, by way of whatever directories and symbolic links. May wait for a file
/// system, as the program itself would. An absolute link on the way is taken as one of this process, which only
/// differs for a program that has changed its root.
[[nodiscard]] bool leads_to_device(const OpenedPath& opened, const std::string& name);

}  // namespace ion
