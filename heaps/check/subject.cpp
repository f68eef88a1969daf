// SPDX-License-Identifier: Apache-2.0

#include "heaps/check/subject.h"

#include <utility>

namespace ion::check {

Result<std::unique_ptr<Heap>> Subject::make(UniqueFd arena) const {
    return type.make({.id = 1,
                      .name = "check",
                      .base = region.base,
                      .size = region.size,
                      .exporters = {exporter},
                      .options = options,
                      .total_ram = 2 * region.size,  // a heap without a region then has the same limit
                      .arena = std::move(arena)});
}

}  // namespace ion::check
