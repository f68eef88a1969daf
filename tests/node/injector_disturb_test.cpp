// SPDX-License-Identifier: Apache-2.0
//
// Deliveries in which somebody stops, freezes or dies on the way.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

#include "daemon/deliver/thread_status.h"
#include "tests/node/injector_fixture.h"

namespace ion::test {
namespace {

TEST(Delivery, GivesUpAClientThatDoesNotStop) {
    Node node;
    UniqueFd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));  // the reply never reaches the client
    InjectorProcess injector(nowhere.get(), {.stop_timeout_ms = 50});
    Client client(node, client_path("injectee"), {node.path(), "once"});
    ASSERT_TRUE(eventually([&] {
        node.catch_up();
        return readable(client.output(), 0);
    }));
    EXPECT_EQ(client.read_line(), "ready");
    client.write_line();
    const auto call = node.next();
    ASSERT_TRUE(call);
    const Job job{.kind = JobKind::kDeliver, .tid = call->tid, .pending_result = kPendingResult};

    const auto outcome = injector.run(job, Node::pending_reply(*call), nowhere.get());

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, ETIMEDOUT);
    EXPECT_EQ(outcome->result.replied, 1U);
    EXPECT_EQ(injector.exit_status(), 0);
    node.answer(*call, -ENODEV);
    EXPECT_EQ(client.read_line(), "-19 -1");
}

TEST(Delivery, SurvivesTheDeathOfTheClientAtAnyMoment) {
    constexpr int kRounds = 60;
    Stage stage;
    for (int round = 0; round < kRounds; ++round) {
        OneCall one(stage);
        stage.begin(one.call);
        for (int i = 0; i < round; ++i) {
            ::sched_yield();  // another moment each time
        }
        ::kill(one.client->pid(), SIGKILL);

        ASSERT_TRUE(stage.finish()) << "round " << round;

        ASSERT_TRUE(one.client->wait_for_end()) << "round " << round;
    }
}

TEST(Delivery, ToAStoppedProcessLeavesItStopped) {
    constexpr int kRounds = 40;
    Stage stage;
    for (int round = 0; round < kRounds; ++round) {
        OneCall one(stage);
        const bool before = round % 2 == 0;
        if (before) {
            ::kill(one.client->pid(), SIGSTOP);
        }
        stage.begin(one.call);
        for (int i = 0; i < round; ++i) {
            ::sched_yield();
        }
        if (!before) {
            ::kill(one.client->pid(), SIGSTOP);
        }

        const auto outcome = stage.finish();

        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->result.error, 0);
        siginfo_t info{};
        ASSERT_TRUE(eventually([&] {
            stage.node.catch_up();
            ::waitid(P_PID, static_cast<id_t>(one.client->pid()), &info,
                     WEXITED | WSTOPPED | WNOHANG | WNOWAIT);
            return info.si_pid != 0;
        })) << "round "
            << round;
        if (before) {  // else it may have ended before the signal
            EXPECT_EQ(info.si_code, CLD_STOPPED);
            EXPECT_FALSE(readable(one.client->output(), 0));
        }
        ::kill(one.client->pid(), SIGCONT);
        EXPECT_EQ(one.client->read_line(), "0 " + std::to_string(outcome->result.number));
        EXPECT_EQ(stage.serve_until_end(*one.client), 0);
    }
}

TEST(Delivery, ToAProcessThatIsContinuedInBetweenLeavesItRunning) {
    constexpr int kRounds = 40;
    Stage stage;
    for (int round = 0; round < kRounds; ++round) {
        OneCall one(stage);
        stage.begin(one.call);
        for (int i = 0; i < round; ++i) {
            ::sched_yield();
        }
        ::kill(one.client->pid(), SIGSTOP);
        ::sched_yield();
        ::kill(one.client->pid(), SIGCONT);

        ASSERT_TRUE(stage.finish());

        EXPECT_EQ(stage.serve_until_end(*one.client), 0);
    }
}

TEST(Injector, FinishesTheJobBeforeItHonoursTermination) {
    Stage stage;
    OneCall one(stage);
    stage.begin(one.call);
    ASSERT_TRUE(eventually([&] {  // seized: the job is under way, or over
        const auto status = thread_status(one.call.tid);
        return !status || status->tracer == stage.injector.pid() || readable(stage.injector.socket(), 0);
    }));
    ::kill(stage.injector.pid(), SIGTERM);

    const auto outcome = stage.finish();

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, 0);
    EXPECT_EQ(stage.injector.exit_status(), 0);
    EXPECT_EQ(one.client->read_line(), "0 " + std::to_string(outcome->result.number));
}

TEST(Injector, SaysThatItEndsWithoutHavingBegunMore) {
    for (const bool by_signal : {true, false}) {
        InjectorProcess injector(-1);
        ASSERT_TRUE(injector.run(Job{}));  // it serves
        by_signal ? ::kill(injector.pid(), SIGTERM) : ::shutdown(injector.socket(), SHUT_WR);

        const auto last = injector.receive();

        ASSERT_TRUE(last);
        EXPECT_EQ(last->result.id, kFarewell);
        EXPECT_EQ(injector.exit_status(), 0);
    }
}

TEST(Injector, KilledAtAnyMomentNeverLeavesTheClientWithGarbage) {
    constexpr int kRounds = 60;
    for (int round = 0; round < kRounds; ++round) {
        Stage stage;
        OneCall one(stage);
        stage.begin(one.call);
        for (int i = 0; i < round; ++i) {
            ::sched_yield();
        }
        ::kill(stage.injector.pid(), SIGKILL);
        ASSERT_EQ(stage.injector.exit_status(), -1);
        stage.node.answer(one.call, -ENODEV);  // in case that it had not answered

        ASSERT_TRUE(one.client->wait_for_end()) << "round " << round;

        const int status = one.client->status().value_or(-1);
        const auto line = one.client->read_line();
        const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        const bool answered = status == 0 && (line == "-19 -1" || line == "-5 -1" || line.starts_with("0 "));
        EXPECT_TRUE(killed || answered) << "status " << status << ": " << line;
    }
}

TEST(Injector, EndsWithItsSocket) {
    Node node;
    InjectorProcess injector(node.device());

    injector.hang_up();

    EXPECT_EQ(injector.exit_status(), 0);
}

/// A control group of the freezer, of whichever version is mounted; empty path when none can be made.
class Freezer {
  public:
    Freezer() {
        for (const auto& root : {std::string("/sys/fs/cgroup/freezer"), std::string("/sys/fs/cgroup/unified"),
                                 std::string("/sys/fs/cgroup")}) {
            path_ = root + "/ion-test-" + std::to_string(::getpid());
            if (::mkdir(path_.c_str(), 0755) != 0) {
                continue;
            }
            old_ = ::access((path_ + "/freezer.state").c_str(), F_OK) == 0;
            if (old_ || ::access((path_ + "/cgroup.freeze").c_str(), F_OK) == 0) {
                return;
            }
            ::rmdir(path_.c_str());
        }
        path_.clear();
    }
    ~Freezer() {
        if (usable()) {
            eventually([&] { return ::rmdir(path_.c_str()) == 0 || errno != EBUSY; });
        }
    }
    Freezer(const Freezer&) = delete;
    Freezer& operator=(const Freezer&) = delete;

    [[nodiscard]] bool usable() const { return !path_.empty(); }
    void add(pid_t pid) const { std::ofstream(path_ + "/cgroup.procs") << pid << std::endl; }
    void freeze() const { set(true); }
    void thaw() const { set(false); }

  private:
    void set(bool frozen) const {
        if (old_) {
            std::ofstream(path_ + "/freezer.state") << (frozen ? "FROZEN" : "THAWED") << std::endl;
        } else {
            std::ofstream(path_ + "/cgroup.freeze") << (frozen ? "1" : "0") << std::endl;
        }
    }

    std::string path_;
    bool old_ = false;
};

TEST(Delivery, ToAFrozenClientEndsInATimeoutOrGoesOnWhenItIsThawed) {
    Freezer freezer;
    if (!freezer.usable()) {
        GTEST_SKIP() << "no freezer control group can be made here";
    }
    Stage stage({.stop_timeout_ms = 200});
    OneCall one(stage);
    freezer.add(one.client->pid());
    freezer.freeze();

    stage.begin(one.call);
    // The older freezer holds a thread before it can stop for a tracer, the newer one after that.
    auto outcome = stage.injector.receive(2000);
    freezer.thaw();
    if (!outcome) {
        outcome = stage.finish();
    }

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.replied, 1U);
    const auto line = one.client->read_line();
    if (outcome->result.error == ETIMEDOUT) {
        EXPECT_EQ(line, "-5 -1");
    } else {
        EXPECT_EQ(line, "0 " + std::to_string(outcome->result.number));
    }
    EXPECT_TRUE(one.client->wait_for_end());
}

}  // namespace
}  // namespace ion::test
