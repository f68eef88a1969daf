// SPDX-License-Identifier: Apache-2.0
//
// HandleTable: one client's handles, by number and by buffer.

#pragma once

#include <cstdint>
#include <set>
#include <unordered_map>
#include <vector>

#include "daemon/core/ids.h"

namespace ion {

/// A client's counted reference to a buffer.
struct Handle {
    BufferId buffer;
    std::uint32_t references = 0;  ///< 0 marks a free number
};

/// Numbers are dense, so they index a vector. At most one handle per buffer.
class HandleTable {
  public:
    /// The number that a new handle gets: the lowest free one, from 1.
    [[nodiscard]] HandleId next() const;

    /// Null when `handle` is not in use.
    [[nodiscard]] const Handle* find(HandleId handle) const;

    /// The client's handle for `buffer`, or number 0.
    [[nodiscard]] HandleId of(BufferId buffer) const;

    /// Makes `handle`, a free number, refer to `buffer` with one reference. A new handle is next(); a restored
    /// one may be any.
    void add(HandleId handle, BufferId buffer);

    /// Changes the count; true when the handle is gone by this. The handle must be in use.
    bool reference(HandleId handle, std::int32_t delta);

    [[nodiscard]] std::size_t size() const { return by_buffer_.size(); }

    template <typename Visit>
    void for_each(Visit visit) const {
        for (std::size_t i = 0; i < handles_.size(); ++i) {
            if (handles_[i].references != 0) {
                visit(HandleId{static_cast<std::uint32_t>(i + 1)}, handles_[i]);
            }
        }
    }

  private:
    std::vector<Handle> handles_;   // handle n is at n - 1
    std::set<std::uint32_t> free_;  // free numbers up to handles_.size()
    std::unordered_map<BufferId, HandleId> by_buffer_;
};

}  // namespace ion
