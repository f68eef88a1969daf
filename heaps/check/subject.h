// SPDX-License-Identifier: Apache-2.0
//
// Subject: the heap type that is checked, and what its heaps are made with.

#pragma once

#include <cstdint>
#include <memory>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/heap_type.h"

namespace ion::check {

struct Subject {
    HeapType type{};
    Options options{};                             ///< a value for each of type.options
    ExporterKind exporter = ExporterKind::kMemfd;  ///< the only one of its heaps
    /// Small, so that it is soon full; it begins at an odd page, so that aligning an address and an offset differ.
    PlacedRange region{.base = 0x2d301000, .size = 1 << 20};

    /// A new heap. `arena`: as HeapParameters::arena. Errors: the type's own.
    [[nodiscard]] Result<std::unique_ptr<Heap>> make(UniqueFd arena = UniqueFd()) const;
};

}  // namespace ion::check
