// SPDX-License-Identifier: Apache-2.0
//
// HandleTable: one client's handles, by number and by buffer.

#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>

#include "daemon/core/ids.h"

namespace ion {

/// A client's counted reference to a buffer.
struct Handle {
    BufferId buffer;
    std::uint32_t references = 0;
};

/// At most one handle per buffer. Costs what is in use, whatever the numbers are.
class HandleTable {
  public:
    /// Handles fit in a positive int, as do their counts.
    static constexpr HandleId kLast{0x7FFF'FFFF};
    static constexpr std::uint32_t kMaxReferences = 0x7FFF'FFFF;

    /// The number that a new handle gets: the lowest free one, from 1.
    [[nodiscard]] HandleId next() const;

    /// Null when `handle` is not in use.
    [[nodiscard]] const Handle* find(HandleId handle) const;

    /// The client's handle for `buffer`, or number 0.
    [[nodiscard]] HandleId of(BufferId buffer) const;

    /// Makes `handle` refer to `buffer` with one reference. A new handle is next(); a restored one may be any.
    /// False, and nothing changes, when the number is taken or out of range, or the buffer has a handle.
    bool add(HandleId handle, BufferId buffer);

    /// Adds `delta` to the count; at 0 the handle is gone. False, and nothing changes, when the handle is not in
    /// use or its count would leave [0, kMaxReferences].
    bool reference(HandleId handle, std::int32_t delta);

    [[nodiscard]] std::size_t size() const { return handles_.size(); }

    /// Ascending.
    template <typename Visit>
    void for_each(Visit visit) const {
        for (const auto& [handle, entry] : handles_) {
            visit(handle, entry);
        }
    }

  private:
    void take(std::uint32_t number);
    void give_back(std::uint32_t number);

    std::map<HandleId, Handle> handles_;
    std::map<std::uint32_t, std::uint32_t> free_{{1, kLast.value}};  // runs of free numbers: first -> last
    std::unordered_map<BufferId, HandleId> by_buffer_;
};

}  // namespace ion
