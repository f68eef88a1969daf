// SPDX-License-Identifier: Apache-2.0
//
// CollectingLog: a commit log in memory, for tests of the model.

#pragma once

#include <span>
#include <vector>

#include "daemon/core/device.h"

namespace ion {

class CollectingLog final : public CommitLog {
  public:
    [[nodiscard]] Result<void> append(std::span<const Record> records) override {
        if (refuses_) {
            return fail(ENOMEM, "the log refuses");
        }
        records_.insert(records_.end(), records.begin(), records.end());
        return {};
    }

    /// Commits to come fail with ENOMEM until this is false again.
    void refuse(bool refuses) { refuses_ = refuses; }

    /// Everything committed so far, in order.
    [[nodiscard]] const std::vector<Record>& records() const { return records_; }

  private:
    std::vector<Record> records_;
    bool refuses_ = false;
};

}  // namespace ion
