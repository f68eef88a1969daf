// SPDX-License-Identifier: Apache-2.0
//
// A worker may be killed between any two instructions. What it leaves is played back here: every prefix of the
// bytes that a step writes, with the commit point of before, and all of them with the new one.

#include <algorithm>
#include <random>

#include "tests/unit/journal/journal_testing.h"
#include "tests/unit/journal/random_records.h"

namespace ion {
namespace {

/// Bytes of a journal's file.
std::string bytes_at(const Journal& journal, std::uint64_t offset, std::uint64_t size) {
    std::string bytes(size, '\0');
    EXPECT_EQ(::pread(journal.fd(), bytes.data(), size, static_cast<off_t>(offset)),
              static_cast<ssize_t>(size));
    return bytes;
}

void put(const Journal& journal, std::uint64_t offset, std::string_view bytes) {
    ASSERT_EQ(::pwrite(journal.fd(), bytes.data(), bytes.size(), static_cast<off_t>(offset)),
              static_cast<ssize_t>(bytes.size()));
}

/// What the next worker finds when `written` was being put at `offset` by a step that did not get further; `step`
/// prefixes are tried as one, because each costs a mapping.
void expect_unchanged_by_every_prefix(const Journal& journal, std::uint64_t offset, std::string_view written,
                                      const std::vector<std::string>& expected, std::size_t step) {
    for (std::size_t size = 0; size <= written.size(); size += step) {
        put(journal, offset, written.substr(0, size));
        ASSERT_TRUE(same(contents(*attached(journal)), expected)) << "killed after " << size << " bytes";
    }
}

/// Enough for the log to be compacted.
std::vector<Record> more_than_a_mebibyte() {
    return {UsageOpened{1, 2, 3, std::string(1 << 20, 'u')}};
}

TEST(JournalKilled, DuringAnAppendHasNotAppended) {
    std::mt19937_64 random(7);
    const auto journal = new_journal();
    std::vector<Record> all;
    for (int commit = 0; commit < 4; ++commit) {
        const auto former = new_journal();  // the same journal, before this commit
        put(*former, kAreaOffset[0], bytes_at(*journal, kAreaOffset[0], journal->size()));
        const std::uint64_t before = journal->size();
        former->header().head.store(before);
        const auto expected = encoded(all);

        const auto records = one_of_each(random);
        ASSERT_TRUE(journal->append(records));

        const std::string written = bytes_at(*journal, kAreaOffset[0] + before, journal->size() - before);
        expect_unchanged_by_every_prefix(*former, kAreaOffset[0] + before, written, expected,
                                         commit == 0 ? 1 : 11);
        put(*former, kAreaOffset[0] + before, written);
        former->header().head.store(journal->header().head.load());
        all.insert(all.end(), records.begin(), records.end());
        EXPECT_TRUE(same(contents(*attached(*former)), encoded(all)));
    }
}

TEST(JournalKilled, DuringAnAppendIsAppendedToByTheNextWorker) {
    std::mt19937_64 random(8);
    const auto journal = new_journal();
    const auto first = one_of_each(random);
    ASSERT_TRUE(journal->append(first));
    const std::uint64_t head = journal->header().head.load();
    ASSERT_TRUE(journal->append(one_of_each(random)));
    journal->header().head.store(head);  // all bytes are there, the commit point is not

    const auto next = next_worker(*journal);
    const std::vector<Record> short_one{ClientClosed{ClientId{1}}};
    ASSERT_TRUE(next->append(short_one));

    auto expected = encoded(first);
    expected.push_back(encoded(short_one.front()));
    EXPECT_TRUE(same(contents(*attached(*journal)), expected));
}

TEST(JournalKilled, DuringACompactionHasTheOldLog) {
    std::mt19937_64 random(9);
    const auto journal = new_journal();
    auto all = more_than_a_mebibyte();
    ASSERT_TRUE(journal->append(all));
    const auto former = new_journal();
    put(*former, kAreaOffset[0], bytes_at(*journal, kAreaOffset[0], journal->size()));
    former->header().head.store(journal->header().head.load());
    const auto compact = one_of_each(random);

    journal->compact_if_grown([&](const auto& emit) { std::ranges::for_each(compact, emit); });

    ASSERT_TRUE(same(contents(*attached(*journal)), encoded(compact)));
    const std::string written = bytes_at(*journal, kAreaOffset[1], journal->size());
    expect_unchanged_by_every_prefix(*former, kAreaOffset[1], written, encoded(all), 13);
    put(*former, kAreaOffset[1], written);
    former->header().head.store(journal->header().head.load());
    EXPECT_TRUE(same(contents(*attached(*former)), encoded(compact)))
        << "killed before the old log was given back";
}

TEST(JournalKilled, CompactsOverAndOverBetweenItsTwoAreas) {
    const auto journal = new_journal();
    std::unique_ptr<Journal> worker = next_worker(*journal);
    for (std::uint64_t turn = 1; turn <= 4; ++turn) {
        ASSERT_TRUE(worker->append(more_than_a_mebibyte()));
        const std::vector<Record> compact{TokenUsed{turn}};
        worker->compact_if_grown([&](const auto& emit) { std::ranges::for_each(compact, emit); });
        worker = next_worker(*journal);
        EXPECT_TRUE(same(contents(*worker), encoded(compact)));
        EXPECT_EQ(worker->commits(), turn) << "answers are staged by this number";
    }
}

TEST(JournalKilled, AgainAndAgainStillCompacts) {
    constexpr std::uint64_t kWritten = 300 << 10;  // by each worker: far from doubling what it finds
    const auto journal = new_journal();
    for (int turn = 0; turn < 20; ++turn) {
        const auto worker = next_worker(*journal);
        const std::vector<Record> records{UsageOpened{1, 2, 3, std::string(kWritten, 'u')}};
        ASSERT_TRUE(worker->append(records));
        worker->compact_if_grown([](const auto& emit) { emit(TokenUsed{1}); });
        EXPECT_LT(worker->size(), (1 << 20) + 2 * kWritten);
    }
}

}  // namespace
}  // namespace ion
