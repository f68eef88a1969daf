// SPDX-License-Identifier: Apache-2.0

#include "daemon/journal/journal.h"

#include <sys/mman.h>

#include <algorithm>
#include <random>

#include "tests/unit/journal/journal_testing.h"
#include "tests/unit/journal/random_records.h"

namespace ion {
namespace {

/// Where the log's bytes end without its commit point saying so.
constexpr std::uint64_t kBatchHead = 16;

std::vector<Record> some_records(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    return one_of_each(random);
}

/// Makes the log look used up to `bytes`, of which only the first commit is there.
void pretend_size(Journal& journal, std::uint64_t bytes) {
    ASSERT_TRUE(journal.size() != 0 || journal.append(some_records(9)));
    journal.header().head.store(bytes);
    (void)journal.replay([](const Record&) {});
    ASSERT_EQ(journal.size(), bytes);
}

TEST(Journal, IsEmptyWhenCreated) {
    const auto journal = new_journal();
    ASSERT_TRUE(journal);

    EXPECT_TRUE(same(contents(*attached(*journal)), std::vector<std::string>()));
    EXPECT_EQ(journal->commits(), 0U);
    EXPECT_EQ(journal->size(), 0U);
}

TEST(Journal, TellsTheNextWorkerEverythingInOrder) {
    const auto journal = new_journal();
    std::vector<Record> all;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto records = some_records(seed);
        ASSERT_TRUE(journal->append(records));
        all.insert(all.end(), records.begin(), records.end());
    }

    const auto next = attached(*journal);

    EXPECT_TRUE(same(contents(*next), encoded(all)));
    EXPECT_EQ(next->commits(), 5U);
    EXPECT_EQ(next->size(), journal->size());
}

TEST(Journal, GoesOnWhereTheFormerWorkerEnded) {
    const auto first = new_journal();
    auto all = some_records(1);
    ASSERT_TRUE(first->append(all));

    const auto second = next_worker(*first);
    const auto more = some_records(2);
    ASSERT_TRUE(second->append(more));

    all.insert(all.end(), more.begin(), more.end());
    const auto third = attached(*first);
    EXPECT_TRUE(same(contents(*third), encoded(all)));
    EXPECT_EQ(third->commits(), 2U);
}

TEST(Journal, RefusesAFileOfAnotherSize) {
    UniqueFd file(::memfd_create("small", MFD_CLOEXEC));
    ASSERT_EQ(::ftruncate(file.get(), 4096), 0);

    const auto journal = Journal::attach(std::move(file));

    ASSERT_FALSE(journal);
    EXPECT_EQ(journal.error().code, EBADMSG);
    EXPECT_EQ(Journal::attach(UniqueFd()).error().code, EBADF);
}

TEST(Journal, RefusesAnotherVersion) {
    const auto journal = new_journal();
    ASSERT_TRUE(journal->append(some_records(1)));

    journal->header().version += 1;
    EXPECT_EQ(contents(*attached(*journal)).front(),
              "error: the journal is of version 3; this program takes over from versions 1 and 2");

    journal->header().version = JournalHeader::kPreviousVersion - 1;
    EXPECT_EQ(contents(*attached(*journal)).front(),
              "error: the journal is of version 0; this program takes over from versions 1 and 2");

    journal->header().version = JournalHeader::kVersion;
    journal->header().magic ^= 1;
    EXPECT_EQ(contents(*attached(*journal)).front(), "error: not a journal");
}

TEST(Journal, GoesOnWithAJournalOfVersion1AsOneOfItsOwn) {
    const auto journal = new_journal();
    const auto records = some_records(1);
    ASSERT_TRUE(journal->append(records));
    const auto expected = contents(*attached(*journal));

    journal->header().version = 1;
    EXPECT_EQ(contents(*attached(*journal)), expected);
    EXPECT_EQ(journal->header().version, JournalHeader::kVersion);
}

TEST(Journal, StopsAtDamageAfterWhatPrecedesIt) {
    const auto journal = new_journal();
    const auto good = some_records(1);
    ASSERT_TRUE(journal->append(good));
    const auto intact = journal->size();
    const auto end_with = [&](std::uint64_t bytes) {
        journal->header().head.store(bytes);
        auto seen = contents(*attached(*journal));
        const std::string error = seen.back();
        seen.pop_back();
        EXPECT_TRUE(same(seen, encoded(good)));
        return error;
    };

    EXPECT_EQ(end_with(intact + kBatchHead - 1), "error: journal: torn batch");

    const std::uint64_t head[2] = {2, 100};  // commit 2, with 100 bytes that are all zero
    ASSERT_EQ(::pwrite(journal->fd(), head, sizeof(head), static_cast<off_t>(kAreaOffset[0] + intact)),
              static_cast<ssize_t>(sizeof(head)));
    EXPECT_EQ(end_with(intact + kBatchHead + 99), "error: journal: batch beyond its end");
    EXPECT_EQ(end_with(intact + kBatchHead + 100), "error: journal: unreadable record");
}

TEST(Journal, DoesNotWalkThroughALogThatIsNotThere) {
    const auto journal = new_journal();

    journal->header().head.store(~0ULL);  // beyond the area, too
    EXPECT_EQ(contents(*attached(*journal)).back(), "error: journal: commits out of order");

    ASSERT_TRUE(journal->append(some_records(1)));
    journal->header().head.store(kAreaSize);
    EXPECT_EQ(contents(*attached(*journal)).back(), "error: journal: commits out of order");
}

TEST(Journal, RefusesWhatDoesNotFitAndKeepsTheRest) {
    const auto journal = new_journal();
    const auto records = some_records(1);
    for (const std::uint64_t room : {std::uint64_t{0}, kBatchHead - 1, kBatchHead, std::uint64_t{200}}) {
        pretend_size(*journal, kAreaSize - room);
        const auto head = journal->header().head.load();
        const auto commits = journal->commits();

        const auto appended = journal->append(records);

        ASSERT_FALSE(appended);
        EXPECT_EQ(appended.error().code, ENOMEM);
        EXPECT_EQ(journal->header().head.load(), head);
        EXPECT_EQ(journal->commits(), commits);
        EXPECT_EQ(journal->size(), kAreaSize - room);
    }
}

TEST(Journal, CompactsWhenItIsFullWhateverItHasGrownBy) {
    const auto journal = new_journal();
    pretend_size(*journal, kAreaSize - 8);
    const std::uint64_t head[] = {
        1, kAreaSize - 8 - kBatchHead};  // as if the last compaction had left that much
    ASSERT_EQ(::pwrite(journal->fd(), head, sizeof(head), static_cast<off_t>(kAreaOffset[0])), 16);
    (void)journal->replay([](const Record&) {});
    const auto kept = some_records(1);
    const auto describe = [&](const auto& emit) { std::ranges::for_each(kept, emit); };
    journal->compact_if_grown(describe);
    ASSERT_EQ(journal->size(), kAreaSize - 8) << "it has not grown since";

    ASSERT_FALSE(journal->append(kept));
    journal->compact_if_grown(describe);

    EXPECT_LT(journal->size(), 4096U);
    EXPECT_TRUE(same(contents(*attached(*journal)), encoded(kept)));
    EXPECT_TRUE(journal->append(kept));
}

TEST(Journal, LeavesASmallLogAlone) {
    const auto journal = new_journal();
    ASSERT_TRUE(journal->append(some_records(1)));

    journal->compact_if_grown([](const auto&) { FAIL() << "nothing has grown"; });

    EXPECT_TRUE(same(contents(*attached(*journal)), encoded(some_records(1))));
}

TEST(JournalVersion, BeforeThisIsConvertedAndGoesOn) {
    const auto journal = new_journal();
    const std::vector<Record> first{TokenUsed{1}};
    ASSERT_TRUE(journal->append(first));
    journal->header().version = JournalHeader::kPreviousVersion;

    EXPECT_TRUE(Journal::check(journal->fd()));
    EXPECT_EQ(journal->header().version, JournalHeader::kPreviousVersion) << "checked only";
    const auto next = attached(*journal);
    ASSERT_TRUE(next->convert());
    EXPECT_TRUE(same(contents(*next), encoded(first)));
    EXPECT_EQ(journal->header().version, JournalHeader::kVersion);
}

TEST(JournalVersion, OfNeitherIsRefusedWithoutAChange) {
    const auto journal = new_journal();
    for (const std::uint32_t version : {0U, JournalHeader::kVersion + 1}) {
        journal->header().version = version;
        const auto refused = journal->convert();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().context, "the journal is of version " + std::to_string(version) +
                                               "; this program takes over from versions 1 and 2");
        EXPECT_EQ(journal->header().version, version);
    }
    journal->header().magic = 0;
    EXPECT_EQ(Journal::check(journal->fd()).error().context, "not a journal");
}

}  // namespace
}  // namespace ion
