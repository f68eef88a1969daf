// SPDX-License-Identifier: Apache-2.0
//
// Activity: which foreign code a process is in, noted where another process can read it after a crash.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace ion {

/// Lies in memory that outlives the process. Plain bytes: any content is safe to read.
struct Activity {
    std::atomic<std::uint32_t> length{0};   ///< of `text`; 0 when the process is in no foreign code
    std::atomic<std::int32_t> subject{-1};  ///< a number of whoever notes it; -1 for none
    std::array<char, 184> text{};
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

/// What `activity` says; empty when nothing was going on.
[[nodiscard]] std::string activity_text(const Activity& activity);

/// Says for its life "OPERATION of WHO"; what was said before is said again afterwards. One thread at a time.
class ActivityNote {
  public:
    ActivityNote(Activity& activity, std::string_view operation, std::string_view who, int subject = -1);
    ~ActivityNote();
    ActivityNote(const ActivityNote&) = delete;
    ActivityNote& operator=(const ActivityNote&) = delete;

  private:
    Activity& activity_;
    std::uint32_t former_length_;
    std::int32_t former_subject_;
    std::array<char, sizeof(Activity::text)> former_text_;
};

}  // namespace ion
