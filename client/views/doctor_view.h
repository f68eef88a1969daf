// SPDX-License-Identifier: Apache-2.0
//
// What `ionctl doctor` found out, as text and as JSON.

#pragma once

#include <span>
#include <string>

#include "client/views/json.h"

namespace ion::views {

enum class Health {
    kOk,       ///< it is there
    kLimited,  ///< iond works without it, and something does not
    kMissing,  ///< without it iond does not work
};

struct Finding {
    std::string subject;  ///< one word: "udmabuf"
    Health health = Health::kOk;
    std::string text;  ///< what there is, or what is missing and what follows from that
    std::string fix;   ///< the command, or what to do; empty when there is nothing to do
};

[[nodiscard]] std::string doctor_text(std::span<const Finding> findings);
[[nodiscard]] Json doctor_json(std::span<const Finding> findings);

}  // namespace ion::views
