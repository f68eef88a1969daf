// SPDX-License-Identifier: Apache-2.0
//
// States and records in a form that tests can compare.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/core/state.h"

namespace ion {

/// A record as the journal writes it: equal records have equal bytes.
[[nodiscard]] std::string encoded(const Record& record);

/// What describe() emits, encoded and sorted, as the order of unrelated records means nothing. Equal for equal
/// states.
[[nodiscard]] std::vector<std::string> described(const State& state);

/// The state that `records` lead to; those that do not fit are left out, as a worker does.
[[nodiscard]] State replayed(std::span<const Record> records);

/// The state that a compacted journal leads to.
[[nodiscard]] State rebuilt(const State& state);

}  // namespace ion
