// SPDX-License-Identifier: Apache-2.0
//
// Text of a file, of procfs above all: a stream would throw there when the process ends between open and read.

#pragma once

#include <string>

namespace ion {

/// All of it; what was read before an error, which is nothing when there is no such file.
[[nodiscard]] std::string file_text(const std::string& path);

}  // namespace ion
