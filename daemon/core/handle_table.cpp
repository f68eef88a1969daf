// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/handle_table.h"

#include <iterator>

namespace ion {

HandleId HandleTable::next() const {
    return HandleId{free_.begin()->first};
}

const Handle* HandleTable::find(HandleId handle) const {
    const auto found = handles_.find(handle);
    return found == handles_.end() ? nullptr : &found->second;
}

HandleId HandleTable::of(BufferId buffer) const {
    const auto found = by_buffer_.find(buffer);
    return found == by_buffer_.end() ? HandleId{} : found->second;
}

bool HandleTable::add(HandleId handle, BufferId buffer) {
    if (handle.value == 0 || handle > kLast || handles_.contains(handle) || by_buffer_.contains(buffer)) {
        return false;
    }
    take(handle.value);
    handles_.emplace(handle, Handle{buffer, 1});
    by_buffer_.emplace(buffer, handle);
    return true;
}

bool HandleTable::reference(HandleId handle, std::int32_t delta) {
    const auto found = handles_.find(handle);
    if (found == handles_.end()) {
        return false;
    }
    const std::int64_t references = std::int64_t{found->second.references} + delta;
    if (references < 0 || references > kMaxReferences) {
        return false;
    }
    found->second.references = static_cast<std::uint32_t>(references);
    if (references == 0) {
        by_buffer_.erase(found->second.buffer);
        handles_.erase(found);
        give_back(handle.value);
    }
    return true;
}

/// Splits the run of free numbers that `number` is in.
void HandleTable::take(std::uint32_t number) {
    const auto run = std::prev(free_.upper_bound(number));
    const auto [first, last] = *run;
    free_.erase(run);
    if (first < number) {
        free_.emplace(first, number - 1);
    }
    if (number < last) {
        free_.emplace(number + 1, last);
    }
}

/// Joins `number` with the runs of free numbers on both sides of it.
void HandleTable::give_back(std::uint32_t number) {
    std::uint32_t last = number;
    auto above = free_.upper_bound(number);
    if (above != free_.end() && above->first == number + 1) {
        last = above->second;
        above = free_.erase(above);
    }
    if (above != free_.begin() && std::prev(above)->second + 1 == number) {
        std::prev(above)->second = last;
    } else {
        free_.emplace_hint(above, number, last);
    }
}

}  // namespace ion
