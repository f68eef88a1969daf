// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/activity.h"

#include <fmt/format.h>

#include <algorithm>

namespace ion {

std::string activity_text(const Activity& activity) {
    const std::size_t length =
        std::min<std::size_t>(activity.length.load(std::memory_order_acquire), activity.text.size());
    return {activity.text.data(), length};
}

ActivityNote::ActivityNote(Activity& activity, std::string_view operation, std::string_view who, int subject)
    : activity_(activity),
      former_length_(activity.length.load()),
      former_subject_(activity.subject.load()),
      former_text_(activity.text) {
    activity_.length.store(0);  // between the two stores the text is neither
    const auto written =
        fmt::format_to_n(activity_.text.data(), activity_.text.size(), "{} of {}", operation, who);
    activity_.subject.store(subject);
    activity_.length.store(static_cast<std::uint32_t>(std::min(written.size, activity_.text.size())),
                           std::memory_order_release);
}

ActivityNote::~ActivityNote() {
    activity_.length.store(0);
    activity_.text = former_text_;
    activity_.subject.store(former_subject_);
    activity_.length.store(former_length_, std::memory_order_release);
}

}  // namespace ion
