// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/handle_table.h"

#include <cassert>

namespace ion {

HandleId HandleTable::next() const {
    if (!free_.empty()) {
        return HandleId{*free_.begin()};
    }
    return HandleId{static_cast<std::uint32_t>(handles_.size() + 1)};
}

const Handle* HandleTable::find(HandleId handle) const {
    if (handle.value == 0 || handle.value > handles_.size() || handles_[handle.value - 1].references == 0) {
        return nullptr;
    }
    return &handles_[handle.value - 1];
}

HandleId HandleTable::of(BufferId buffer) const {
    const auto found = by_buffer_.find(buffer);
    return found == by_buffer_.end() ? HandleId{} : found->second;
}

void HandleTable::add(HandleId handle, BufferId buffer) {
    assert(handle.value != 0 && find(handle) == nullptr);
    while (handles_.size() < handle.value) {
        handles_.emplace_back();
        free_.insert(static_cast<std::uint32_t>(handles_.size()));
    }
    free_.erase(handle.value);
    handles_[handle.value - 1] = Handle{buffer, 1};
    by_buffer_.emplace(buffer, handle);
}

bool HandleTable::reference(HandleId handle, std::int32_t delta) {
    Handle& entry = handles_[handle.value - 1];
    assert(entry.references != 0);
    entry.references += static_cast<std::uint32_t>(delta);
    if (entry.references != 0) {
        return false;
    }
    by_buffer_.erase(entry.buffer);
    free_.insert(handle.value);
    return true;
}

}  // namespace ion
