// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the journal share: journals, and the next worker's view of them.

#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "daemon/journal/journal.h"
#include "tests/fakes/described.h"

namespace ion {

inline std::unique_ptr<Journal> new_journal() {
    auto journal = Journal::create();
    return journal ? *std::move(journal) : nullptr;
}

/// The same journal in a mapping of its own, as a later process has it.
inline std::unique_ptr<Journal> attached(const Journal& journal) {
    auto other = Journal::attach(UniqueFd(::dup(journal.fd())));
    return other ? *std::move(other) : nullptr;
}

/// What replay() visits, encoded; an error shows as its context at the end.
inline std::vector<std::string> contents(Journal& journal) {
    std::vector<std::string> records;
    const auto replayed = journal.replay([&](const Record& record) { records.push_back(encoded(record)); });
    if (!replayed) {
        records.push_back("error: " + replayed.error().context);
    }
    return records;
}

inline std::vector<std::string> encoded(const std::vector<Record>& records) {
    std::vector<std::string> all;
    for (const Record& record : records) {
        all.push_back(encoded(record));
    }
    return all;
}

/// EXPECT_EQ would show all bytes of both.
inline testing::AssertionResult same(const std::vector<std::string>& seen,
                                     const std::vector<std::string>& expected) {
    if (seen == expected) {
        return testing::AssertionSuccess();
    }
    const auto at = std::ranges::mismatch(seen, expected).in1 - seen.begin();
    return testing::AssertionFailure()
           << seen.size() << " records instead of " << expected.size() << ", different from number " << at
           << " on; the last one: " << (seen.empty() ? "" : seen.back());
}

/// The next worker: attaches and replays.
inline std::unique_ptr<Journal> next_worker(const Journal& journal) {
    auto next = attached(journal);
    const auto replayed = next->replay([](const Record&) {});
    EXPECT_TRUE(replayed) << replayed.error().context;
    return next;
}

}  // namespace ion
