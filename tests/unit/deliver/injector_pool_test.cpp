// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/injector_pool.h"

#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/base/file_id.h"
#include "tests/unit/deliver/fake_injectors.h"

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Pool : public testing::Test, protected FakeInjectors {
  protected:
    Pool() { pool.start(); }
};

TEST_F(Pool, AsksForItsFirstInjectors) {
    EXPECT_THAT(zygote_requests(), ElementsAre(0, 0));
    EXPECT_THAT(watched, SizeIs(1)) << "the zygote";

    const int fd = spawn().pool_fd;

    EXPECT_THAT(events, ElementsAre("started 5000"));
    EXPECT_TRUE(watched.contains(fd));
}

TEST_F(Pool, GivesAJobToAnIdleInjectorAtOnce) {
    const Played& injector = spawn();
    Job job = job_of(11, JobKind::kWrite);
    job.address = 0x1234;
    const UniqueFd memory(::memfd_create("attached", MFD_CLOEXEC));

    run(job, "payload", memory.get());

    std::string payload;
    UniqueFd attached;
    const auto received = next_job(injector, &payload, &attached);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->id, 11U);
    EXPECT_EQ(received->address, 0x1234U);
    EXPECT_EQ(payload, "payload");
    EXPECT_EQ(*file_id_of(attached.get()), *file_id_of(memory.get()));
    EXPECT_EQ(pool.busy(), 1U);
    EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(Pool, HandsTheResultOn) {
    const Played& injector = spawn();
    run(job_of(11, JobKind::kTakeFd));
    const UniqueFd memory(::memfd_create("taken", MFD_CLOEXEC));
    JobResult result = result_of(11);
    result.number = 7;

    answer(injector, result, "bytes", memory.get());

    ASSERT_THAT(outcomes, SizeIs(1));
    EXPECT_EQ(outcomes[0].result.id, 11U);
    EXPECT_EQ(outcomes[0].result.number, 7);
    EXPECT_THAT(outcomes[0].bytes, SizeIs(5));
    EXPECT_EQ(*file_id_of(outcomes[0].fd.get()), *file_id_of(memory.get()));
    EXPECT_EQ(pool.busy(), 0U);
}

TEST_F(Pool, LeavesTheResultInItsQueueUntilItsOutcomeIsCommitted) {
    const Played& injector = spawn();
    bool waited = false;
    pool.acquire([&](int fd) {
        pool.run(fd, job_of(11, JobKind::kRead), {}, -1,
                 [&](const JobOutcome&) { waited = message_waits(injector); });
    });

    answer(injector, result_of(11));

    EXPECT_TRUE(waited) << "a next worker would not have found it";
    EXPECT_FALSE(message_waits(injector));
}

TEST_F(Pool, MakesJobsWaitForAnInjector) {
    const Played& injector = spawn();
    run(job_of(1, JobKind::kRead));
    run(job_of(2, JobKind::kRead));
    run(job_of(3, JobKind::kRead));
    EXPECT_EQ(pool.busy(), 3U);
    EXPECT_EQ(next_job(injector)->id, 1U);
    EXPECT_FALSE(next_job(injector)) << "one at a time";

    answer(injector, result_of(1));
    EXPECT_EQ(next_job(injector)->id, 2U);

    const Played& second = spawn();
    EXPECT_EQ(next_job(second)->id, 3U);
    EXPECT_EQ(pool.busy(), 2U);
}

TEST_F(Pool, GrowsWithItsJobsUpToALimit) {
    for (std::uint64_t id = 1; id <= 40; ++id) {
        run(job_of(id, JobKind::kRead));
    }

    EXPECT_THAT(zygote_requests(), SizeIs(32));
    EXPECT_EQ(pool.busy(), 40U);
}

TEST_F(Pool, TakesAnUnusedInjectorBack) {
    const Played& injector = spawn();
    int acquired = -1;
    pool.acquire([&](int fd) { acquired = fd; });
    run(job_of(1, JobKind::kRead));
    EXPECT_FALSE(next_job(injector));

    pool.release(acquired);

    EXPECT_EQ(next_job(injector)->id, 1U);
}

TEST_F(Pool, IgnoresTheResultOfAnotherJob) {
    const Played& injector = spawn();
    run(job_of(5, JobKind::kRead));

    answer(injector, result_of(4));  // of a former worker's job
    EXPECT_THAT(outcomes, IsEmpty());
    EXPECT_EQ(pool.busy(), 1U);
    answer(injector, result_of(5));

    ASSERT_THAT(outcomes, SizeIs(1));
    EXPECT_EQ(outcomes[0].result.id, 5U);
}

TEST_F(Pool, IsNotDisturbedByAWatchThatHadNothingToRead) {
    const Played& injector = spawn();
    run(job_of(5, JobKind::kRead));

    pool.readable(injector.pool_fd);

    EXPECT_THAT(outcomes, IsEmpty());
    EXPECT_TRUE(watched.contains(injector.pool_fd));
}

TEST_F(Pool, SendsTheJobOfAFormerWorkerAgain) {
    // The former worker's pool: its injector does a job when that worker ends.
    FakeInjectors former;
    former.pool.start();
    Played& injector = former.spawn();
    former.run(job_of(9, JobKind::kDeliver), "reply");
    ASSERT_TRUE(next_job(injector));
    const Job job = job_of(9, JobKind::kDeliver);
    const int inherited = ::dup(injector.pool_fd);
    injector.pool_fd = inherited;

    pool.adopt(inherited, injector.pid, std::as_bytes(std::span(&job, 1)), -1,
               [this](JobOutcome outcome) { outcomes.push_back(std::move(outcome)); });

    EXPECT_TRUE(watched.contains(inherited));
    EXPECT_EQ(next_job(injector)->id, 9U);
    answer(injector, result_of(9));
    ASSERT_THAT(outcomes, SizeIs(1));
    EXPECT_EQ(events.back(), "gone " + std::to_string(inherited)) << "it may be of a former program";
}

}  // namespace
}  // namespace ion
