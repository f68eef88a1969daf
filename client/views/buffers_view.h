// SPDX-License-Identifier: Apache-2.0
//
// Buffers, who holds one, and what may have been forgotten.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "client/usage/buffer.h"
#include "client/usage/figures.h"
#include "client/views/json.h"
#include "client/views/table.h"
#include "client/views/text.h"

namespace ion::views {

[[nodiscard]] Table buffers_table(std::span<const usage::Buffer> buffers, Sizes sizes);
[[nodiscard]] Json buffer_json(const usage::Buffer& buffer);

/// One buffer in detail: every handle, every process that has it open or mapped.
[[nodiscard]] std::string holders_text(const usage::Buffer& buffer);

/// What nobody may ever give back.
struct Leaks {
    std::vector<usage::Buffer> orphaned;  ///< no client has a handle: freed when its last holder lets go
    std::vector<usage::Buffer> left;      ///< Buffer::left_by_creator(), but for the orphaned
    usage::Figures growing;               ///< clients that allocate and do not free, and nothing else
};
[[nodiscard]] Leaks leaks_of(std::span<const usage::Buffer> buffers, const usage::Figures& figures);

[[nodiscard]] std::string leaks_text(const Leaks& leaks, Sizes sizes);
[[nodiscard]] Json leaks_json(const Leaks& leaks);

}  // namespace ion::views
