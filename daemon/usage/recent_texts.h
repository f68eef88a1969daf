// SPDX-License-Identifier: Apache-2.0
//
// RecentTexts: what a thread was told the size of, for its open that follows.
//
// Programs such as tar ask for the size of a name, open it, and rely on having got the size of what they read.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace ion {

/// Bounded in number and bytes; the oldest goes first. The loop thread only.
class RecentTexts {
  public:
    using Clock = std::chrono::steady_clock;

    /// How long after its size was told a text is still opened.
    static constexpr std::chrono::milliseconds kMostAge{100};
    static constexpr std::size_t kMost = 64;
    static constexpr std::size_t kMostBytes = std::size_t{16} << 20;

    /// The text that `thread` was told the size of; nothing when that is too long ago.
    [[nodiscard]] const std::string* find(std::int32_t thread, std::uint64_t inode,
                                          Clock::time_point now) const;

    /// As find(), and forgets it: the next open sees what is so then.
    [[nodiscard]] std::optional<std::string> take(std::int32_t thread, std::uint64_t inode,
                                                  Clock::time_point now);

    void remember(std::int32_t thread, std::uint64_t inode, Clock::time_point now, std::string text);

  private:
    struct Entry {
        std::int32_t thread;
        std::uint64_t inode;
        Clock::time_point since;
        std::string text;
    };
    std::deque<Entry> entries_;  // the oldest first
    std::size_t bytes_ = 0;
};

}  // namespace ion
