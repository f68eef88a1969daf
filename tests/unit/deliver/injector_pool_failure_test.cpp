// SPDX-License-Identifier: Apache-2.0
//
// InjectorPool with injectors and a zygote that end, hang or talk nonsense.

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <chrono>

#include "daemon/base/fd_message.h"
#include "tests/unit/deliver/fake_injectors.h"

namespace ion {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class FailingPool : public testing::Test, protected FakeInjectors {
  protected:
    FailingPool() {
        pool.start();
        (void)zygote_requests();
    }

    void expect_retired(int fd) {
        EXPECT_EQ(events.back(), "gone " + std::to_string(fd));
        EXPECT_FALSE(watched.contains(fd));
        ASSERT_THAT(outcomes, SizeIs(1));
        EXPECT_EQ(outcomes[0].result.id, 1U);
        EXPECT_NE(outcomes[0].result.error, 0);
        EXPECT_EQ(outcomes[0].result.replied, 0U);
        EXPECT_EQ(pool.busy(), 0U);
    }

    static InjectorPool::Clock::time_point after(std::chrono::milliseconds time) {
        return InjectorPool::Clock::now() + time;
    }
};

TEST_F(FailingPool, FailsTheJobOfAnInjectorThatDies) {
    Played& injector = spawn();
    run(job_of(1, JobKind::kRead));

    injector.socket.reset();
    pool.readable(injector.pool_fd);

    expect_retired(injector.pool_fd);
}

TEST_F(FailingPool, FailsTheJobOfAnInjectorThatTalksNonsense) {
    for (const std::size_t size : {std::size_t{1}, sizeof(JobResult) + kMaxJobPayload + 1}) {
        const Played& injector = spawn();
        run(job_of(1, JobKind::kRead));
        const std::vector<char> nonsense(size);
        ASSERT_EQ(::send(injector.socket.get(), nonsense.data(), size, MSG_DONTWAIT),
                  static_cast<ssize_t>(size));

        pool.readable(injector.pool_fd);

        expect_retired(injector.pool_fd);
        outcomes.clear();
    }
}

TEST_F(FailingPool, FailsAJobThatCannotBeSent) {
    Played& injector = spawn();
    injector.socket.reset();

    run(job_of(1, JobKind::kRead));
    pool.readable(injector.pool_fd);

    expect_retired(injector.pool_fd);
    EXPECT_FALSE(outcomes[0].not_begun) << "it may have begun before it died";
}

TEST_F(FailingPool, TellsOfAJobThatAnInjectorDidNotBeginBeforeItEnded) {
    const Played& injector = spawn();
    run(job_of(1, JobKind::kDeliver));

    answer(injector, result_of(kFarewell));

    expect_retired(injector.pool_fd);
    EXPECT_TRUE(outcomes[0].not_begun);
}

TEST_F(FailingPool, HearsWhatAnInjectorSaidBeforeItEndedWithoutReadingItsLastJob) {
    Played& injector = spawn();
    run(job_of(1, JobKind::kDeliver));
    const JobResult said[] = {result_of(1), result_of(kFarewell)};
    for (const JobResult& result : said) {
        ASSERT_TRUE(send_message(injector.socket.get(), std::as_bytes(std::span(&result, 1))));
    }
    injector.socket.reset();  // with the job in its queue, which is an error for the other end

    pool.readable(injector.pool_fd);

    ASSERT_THAT(outcomes, SizeIs(1));
    EXPECT_EQ(outcomes[0].result.error, 0);
    EXPECT_FALSE(outcomes[0].not_begun);
}

TEST_F(FailingPool, ReplacesAnInjectorThatDiesIdle) {
    Played& first = spawn();
    (void)spawn();

    first.socket.reset();
    pool.readable(first.pool_fd);

    EXPECT_EQ(events.back(), "gone " + std::to_string(first.pool_fd));
    EXPECT_THAT(zygote_requests(), ElementsAre(0));
    pool.acquire([&](int fd) { EXPECT_NE(fd, first.pool_fd); });
}

TEST_F(FailingPool, KillsAnInjectorThatIsStuckInAClientsMemory) {
    const Played& injector = spawn();
    run(job_of(1, JobKind::kRead));

    pool.check_overruns(after(std::chrono::seconds(10)));

    expect_retired(injector.pool_fd);
    EXPECT_THAT(zygote_requests(), Contains(injector.pid));
}

TEST_F(FailingPool, LeavesAnInjectorBehindThatMayHoldAClient) {
    const Played& injector = spawn();
    run(job_of(1, JobKind::kDeliver));

    pool.check_overruns(after(std::chrono::seconds(10)));

    expect_retired(injector.pool_fd);
    EXPECT_THAT(zygote_requests(), Not(Contains(injector.pid))) << "killing it would kill the client";
}

TEST_F(FailingPool, SaysThatItLeftAnInjectorBehindBeforeItIsGone) {
    const Played& injector = spawn();
    Job job = job_of(1, JobKind::kDeliver);
    job.tid = ::getpid();
    run(job);

    pool.check_overruns(after(std::chrono::seconds(10)));

    EXPECT_THAT(
        events,
        ElementsAre(testing::_, "left " + std::to_string(injector.pid) + " with " + std::to_string(job.tid),
                    "gone " + std::to_string(injector.pool_fd)));
    pool.check_overruns(after(std::chrono::seconds(10)));
    EXPECT_THAT(zygote_requests(), Not(Contains(injector.pid))) << "its client lives";
}

TEST_F(FailingPool, EndsInjectorsThatFormerWorkersLeftWithClientsThatAreDead) {
    constexpr int kNobody = 1 << 30;  // more than there can be: include/linux/threads.h, PID_MAX_LIMIT
    constexpr int kLeft = 4711;
    pool.start({{kNobody, kLeft}});

    pool.check_overruns(after(std::chrono::seconds(0)));
    pool.check_overruns(after(std::chrono::seconds(0)));

    EXPECT_THAT(zygote_requests(), ElementsAre(kLeft)) << "once";
    EXPECT_THAT(events, ElementsAre("ended with " + std::to_string(kNobody)));
}

TEST_F(FailingPool, GivesAnInjectorTheTimeThatItMayTake) {
    (void)spawn();
    run(job_of(1, JobKind::kDeliver));

    pool.check_overruns(after(std::chrono::milliseconds(0)));

    EXPECT_THAT(outcomes, IsEmpty());
    EXPECT_EQ(pool.busy(), 1U);
}

TEST_F(FailingPool, ServesWaitingJobsAfterALossToo) {
    Played& injector = spawn();
    run(job_of(1, JobKind::kRead));
    run(job_of(2, JobKind::kRead));

    injector.socket.reset();
    pool.readable(injector.pool_fd);
    EXPECT_THAT(outcomes, SizeIs(1));

    EXPECT_EQ(next_job(spawn())->id, 2U);
}

TEST_F(FailingPool, LivesWithAZygoteThatCannotFork) {
    fail_to_spawn();
    EXPECT_THAT(events, IsEmpty());
    (void)zygote_requests();

    run(job_of(1, JobKind::kRead));  // one of two is still to come, and another is asked for

    EXPECT_THAT(zygote_requests(), ElementsAre(0));
    EXPECT_EQ(next_job(spawn())->id, 1U);
}

TEST_F(FailingPool, StopsWatchingAZygoteThatIsGone) {
    const int zygote = *watched.begin();
    lose_zygote();

    pool.readable(zygote);

    EXPECT_FALSE(watched.contains(zygote));
    run(job_of(1, JobKind::kRead));  // waits for the keeper to replace this worker
    EXPECT_EQ(pool.busy(), 1U);
}

}  // namespace
}  // namespace ion
