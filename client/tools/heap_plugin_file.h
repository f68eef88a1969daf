// SPDX-License-Identifier: Apache-2.0
//
// The heap types of a plug-in that is named on a command line.

#pragma once

#include <span>
#include <string>

#include "daemon/base/result.h"
#include "heaps/heap_type.h"

/// Loads the plug-in, for good; what is returned lives as long. Errors: the loader's, with the file's name.
[[nodiscard]] ion::Result<std::span<const ion::HeapType>> heap_types_of_plugin(const std::string& path);
