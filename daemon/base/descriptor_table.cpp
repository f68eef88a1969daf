// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/descriptor_table.h"

#include <unistd.h>

#include <algorithm>

namespace ion {

void close_all_but(std::vector<int> keep) {
    std::sort(keep.begin(), keep.end());
    unsigned from = 0;
    for (auto fd = std::lower_bound(keep.begin(), keep.end(), 0); fd != keep.end(); ++fd) {
        const auto kept = static_cast<unsigned>(*fd);
        if (kept > from) {
            ::close_range(from, kept - 1, 0);
        }
        from = kept + 1;
    }
    ::close_range(from, ~0U, 0);
}

}  // namespace ion
