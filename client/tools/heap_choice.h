// SPDX-License-Identifier: Apache-2.0
//
// HeapChoice: a heap as it is named on a command line, TYPE or PLUGIN with options behind a colon.

#pragma once

#include <string>

#include "daemon/base/result.h"
#include "heaps/heap_type.h"

struct HeapChoice {
    std::string text;  ///< as it was written
    ion::HeapType type{};
    ion::Options options{};  ///< a value for each of type.options
};

/// Reads "TYPE", "PLUGIN" (a path, with a slash or ending in .so) or "PLUGIN@TYPE", each followed by ":KEY=VALUE,..."
/// if need be. Loads the plug-in, for good.
///
/// Errors: EINVAL for what cannot be read, with what there is to choose from; what loading gives.
[[nodiscard]] ion::Result<HeapChoice> choose_heap(const std::string& text);
