// SPDX-License-Identifier: Apache-2.0
//
// The lines of `ionctl top`.

#pragma once

#include <string>
#include <vector>

#include "client/usage/figures.h"
#include "client/views/json.h"
#include "client/views/text.h"

namespace ion::views {

/// What clients are sorted by. Numbers descend, names ascend.
enum class TopOrder { kBytes, kChange, kPid, kCommand };

struct TopOptions {
    TopOrder order = TopOrder::kBytes;
    bool reverse = false;
    Sizes sizes = Sizes::kRounded;
};

/// How a terminal shows a line.
enum class LineKind { kPlain, kTitle, kAlarm };

struct TopLine {
    std::string text;
    LineKind kind = LineKind::kPlain;
};

/// What is above the clients stays where it is while they are scrolled.
struct TopLines {
    std::vector<TopLine> head;
    std::vector<TopLine> clients;
};

/// `before` is what changes are counted from; figures equal to `now` when there is nothing before.
[[nodiscard]] TopLines top_lines(const usage::Figures& now, const usage::Figures& before,
                                 const TopOptions& options);

[[nodiscard]] Json top_json(usage::Figures now, const TopOptions& options);

/// Of --sort and of the screen's title.
[[nodiscard]] const char* name_of(TopOrder order);

}  // namespace ion::views
