// SPDX-License-Identifier: Apache-2.0
//
// Entries for systemd's journal, in its native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/). Without
// libsystemd: that keeps a socket of its own in the descriptor table, which keeper and worker share and clear.

#pragma once

#include <string>
#include <string_view>

namespace ion {

/// True when stderr is connected to the journal, as $JOURNAL_STREAM says.
[[nodiscard]] bool stderr_is_journal();

class JournalEntry {
  public:
    /// `name`: capital letters, digits and underscores. `value`: any bytes.
    void add(std::string_view name, std::string_view value);

    /// Does not wait. False when the journal cannot be reached or takes no more.
    [[nodiscard]] bool send() const;

    [[nodiscard]] const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

}  // namespace ion
