// SPDX-License-Identifier: Apache-2.0
//
// Fault rules as a table and as JSON.

#pragma once

#include <vector>

#include "client/usage/faults.h"
#include "client/views/json.h"
#include "client/views/table.h"

namespace ion::views {

[[nodiscard]] Table faults_table(const std::vector<usage::Fault>& faults);

[[nodiscard]] Json faults_json(const std::vector<usage::Fault>& faults);

}  // namespace ion::views
