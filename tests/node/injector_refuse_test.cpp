// SPDX-License-Identifier: Apache-2.0
//
// Deliveries that cannot be: refusals, failures, requests that are gone or come twice.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "daemon/deliver/thread_status.h"
#include "tests/node/injector_fixture.h"

namespace ion::test {
namespace {

std::uint32_t as_number(Refusal refusal) {
    return static_cast<std::uint32_t>(refusal);
}

/// Sees whether this machine lets a tracer suspend seccomp: then a filter is no obstacle.
bool can_suspend_seccomp() {
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    const bool can =
        ::ptrace(PTRACE_SEIZE, child, 0UL, static_cast<unsigned long>(PTRACE_O_SUSPEND_SECCOMP)) == 0;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, __WALL);
    return can;
}

TEST(Refusal, ComesBackUnansweredWhenTheClientIsTraced) {
    Stage stage;
    OneCall one(stage);
    ASSERT_EQ(::ptrace(PTRACE_SEIZE, one.call.tid, 0UL, 0UL), 0);

    stage.begin(one.call);
    const auto outcome = stage.finish();

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, EPERM);
    EXPECT_EQ(outcome->result.replied, 0U);
    EXPECT_EQ(outcome->result.refused, as_number(Refusal::kTraced));
    stage.node.answer(one.call, -EPERM);
    EXPECT_EQ(one.client->read_line(), "-1 -1");
}

TEST(Refusal, ProtectsAFilteredClientUnlessItsFilterCanBeSuspended) {
    Stage stage;
    const auto client = stage.start("injectee", "filtered");

    EXPECT_EQ(stage.serve_until_end(*client), 0);

    EXPECT_EQ(stage.failures.empty(), can_suspend_seccomp());
}

TEST(Refusal, ProtectsAFilteredClientFromAnInjectorThatMayNotSuspendFilters) {
    Stage stage({.confined = true});
    const auto client = stage.start("injectee", "filtered");

    EXPECT_EQ(stage.serve_until_end(*client), 0);

    ASSERT_EQ(stage.failures.size(), 1U);
    EXPECT_EQ(stage.failures[0].error, EPERM);
    EXPECT_EQ(stage.failures[0].refused, as_number(Refusal::kSeccomp));
    EXPECT_EQ(stage.failures[0].replied, 0U);
}

TEST(Refusal, IsAbsenceWhenThereIsNoSuchThread) {
    Stage stage;
    OneCall one(stage);
    auto job = stage.job_for(one.call);
    job.tid = 0x3fffff;  // above pid_max of small machines, and taken on none of the large ones
    const auto gift = make_export();

    stage.injector.send(job, Node::pending_reply(one.call), gift.get());
    const auto outcome = stage.finish();

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, ESRCH);
    EXPECT_EQ(outcome->result.replied, 0U);
    stage.node.answer(one.call, -ENODEV);
    EXPECT_EQ(one.client->read_line(), "-19 -1");
}

TEST(Delivery, LeavesAThreadAloneThatIsInAnotherCall) {
    Stage stage;
    OneCall one(stage);
    auto job = stage.job_for(one.call);
    job.argument += 8;
    const auto gift = make_export();

    stage.injector.send(job, Node::pending_reply(one.call), gift.get());
    const auto outcome = stage.finish();

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, ESRCH);
    EXPECT_EQ(outcome->result.replied, 1U);
    EXPECT_EQ(one.client->read_line(), "-5 -1");
    EXPECT_EQ(stage.serve_until_end(*one.client), 0);
}

TEST(Delivery, ReportsWhatTheKernelSaidWhenTheStructIsReadOnly) {
    Stage stage;
    const auto client = stage.start("injectee", "read-only");

    EXPECT_EQ(stage.serve_until_end(*client), 0);

    ASSERT_EQ(stage.failures.size(), 1U);
    EXPECT_EQ(stage.failures[0].error, EFAULT);
    EXPECT_EQ(stage.failures[0].replied, 1U);
}

TEST(Delivery, EndsQuietlyWhenTheRequestIsGone) {
    Stage stage;
    OneCall one(stage);
    auto gone = one.call;
    gone.unique += 2;  // the kernel counts in twos: one that it has not given out yet
    // The thread cannot stop while its request waits, so it is answered when the injector has begun to wait.
    stage.begin(gone);
    ASSERT_TRUE(eventually([&] {
        const auto status = thread_status(one.call.tid);
        return status && status->tracer == stage.injector.pid();
    }));
    stage.node.answer(one.call, -ENODEV);

    const auto outcome = stage.finish();

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, ESRCH);
    EXPECT_EQ(one.client->read_line(), "-19 -1");
    EXPECT_EQ(stage.serve_until_end(*one.client), 0);
}

struct Failure {
    std::uint32_t flags;
    const char* outcome;
};

TEST(Delivery, ReportsFailureInTheFormThatTheCommandWants) {
    // Result, errno, descriptor field of a call for which no number is free (EMFILE, 24).
    const Failure failures[] = {
        {0, "-1 24 -1"},
        {kErrnoInFd, "-1 24 -24"},
        {kErrnoInFd | kSucceedOnFailure, "0 0 -24"},
    };
    for (const auto& failure : failures) {
        Stage stage;
        const auto client = stage.start("injectee", "failing", std::to_string(failure.flags));

        EXPECT_EQ(stage.serve_until_end(*client), 0);

        EXPECT_EQ(client->read_line(), failure.outcome);
        ASSERT_EQ(stage.failures.size(), 1U);
        EXPECT_EQ(stage.failures[0].error, EMFILE);
        EXPECT_EQ(stage.failures[0].replied, 1U);
    }
}

TEST(Delivery, IsNotRepeatedWhenTheJobComesAgain) {
    Stage stage;
    OneCall one(stage);
    const auto job = stage.job_for(one.call);
    const auto gift = make_export();
    stage.injector.send(job, Node::pending_reply(one.call), gift.get());
    const auto first = stage.finish();
    ASSERT_TRUE(first);

    stage.injector.send(job, Node::pending_reply(one.call), gift.get());
    const auto second = stage.finish();

    ASSERT_TRUE(second);
    EXPECT_EQ(second->result.error, 0);
    EXPECT_EQ(second->result.number, first->result.number);
    EXPECT_EQ(one.client->read_line(), "0 " + std::to_string(first->result.number));
}

TEST(Delivery, IsIgnoredWhenALaterJobWasDone) {
    Stage stage;
    OneCall one(stage);
    auto late = stage.job_for(one.call);
    ASSERT_TRUE(stage.injector.run({.kind = JobKind::kIdentify, .tid = one.call.tid, .fd_number = 0}));
    const auto gift = make_export();

    stage.injector.send(late, Node::pending_reply(one.call), gift.get());
    const auto next = stage.injector.run({.kind = JobKind::kIdentify, .tid = one.call.tid, .fd_number = 0});

    ASSERT_TRUE(next);
    EXPECT_GT(next->result.id, late.id);
    stage.node.answer(one.call, -ENODEV);
    EXPECT_EQ(one.client->read_line(), "-19 -1");
}

}  // namespace
}  // namespace ion::test
