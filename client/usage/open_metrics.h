// SPDX-License-Identifier: Apache-2.0
//
// Reader of the OpenMetrics 1.0 text format, as far as `metrics` has it: samples with labels, no timestamps.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace ion::usage {

struct Sample {
    std::string name;
    std::map<std::string, std::string, std::less<>> labels;
    std::string value;

    /// Empty when there is no such label.
    [[nodiscard]] std::string label(std::string_view key) const;
};

/// In the order of the text. Errors: EPROTO for what is no such text, also for one without its "# EOF".
[[nodiscard]] Result<std::vector<Sample>> parse_metrics(std::string_view text);

}  // namespace ion::usage
