// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/recent_texts.h"

#include <algorithm>
#include <utility>

namespace ion {

const std::string* RecentTexts::find(std::int32_t thread, std::uint64_t inode, Clock::time_point now) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& one) {
        return one.thread == thread && one.inode == inode && now - one.since <= kMostAge;
    });
    return found == entries_.end() ? nullptr : &found->text;
}

std::optional<std::string> RecentTexts::take(std::int32_t thread, std::uint64_t inode,
                                             Clock::time_point now) {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& one) {
        return one.thread == thread && one.inode == inode;
    });
    if (found == entries_.end()) {
        return std::nullopt;
    }
    Entry entry = std::move(*found);
    entries_.erase(found);
    bytes_ -= entry.text.size();
    return now - entry.since <= kMostAge ? std::optional(std::move(entry.text)) : std::nullopt;
}

void RecentTexts::remember(std::int32_t thread, std::uint64_t inode, Clock::time_point now,
                           std::string text) {
    (void)take(thread, inode, now);
    bytes_ += text.size();
    entries_.push_back({thread, inode, now, std::move(text)});
    while (entries_.size() > kMost || bytes_ > kMostBytes) {
        bytes_ -= entries_.front().text.size();
        entries_.pop_front();
    }
}

}  // namespace ion
