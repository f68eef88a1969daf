// SPDX-License-Identifier: Apache-2.0
//
// How many calls an allocation by libion, through its channel, is on both sides. Counted, not timed: client and worker are traced
// together. The kernel's requests are the reads of the worker that return one. (Their numbers would not do: the
// kernel leaves gaps, and counts for each processor separately.)

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "tests/node/call_tracer.h"
#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

constexpr int kAllocations = 50;

/// The calls from one mark of the client to the next.
class ChannelAllocations : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(client_.read_line(), "ready");
        tracer_.attach(client_.pid());
        tracer_.attach(worker_);
        client_.write_line();
        int marks = 0;
        ASSERT_TRUE(tracer_.run_until([&](const TracedCall& call) {
            marks += is_mark(call) ? 1 : 0;
            return marks == 2;
        }));
        const auto first =
            std::ranges::find_if(tracer_.calls(), [&](const auto& call) { return is_mark(call); });
        calls_.assign(first + 1, tracer_.calls().end() - 1);
    }

    [[nodiscard]] bool is_mark(const TracedCall& call) const {
        return call.thread == client_.pid() && call.number == SYS_getppid;
    }

    [[nodiscard]] auto count_of_client(std::uint64_t number) const {
        return std::ranges::count_if(
            calls_, [&](const auto& call) { return call.thread == client_.pid() && call.number == number; });
    }

    /// Calls of the worker on the device's connection that did something. At the second mark all is answered: a write
    /// that has not returned has woken the client, a read that has not finds nothing.
    [[nodiscard]] auto count_of_worker(std::uint64_t number) const {
        return std::ranges::count_if(calls_, [&](const auto& call) {
            return call.thread != client_.pid() && call.number == number && is_on_device(worker_, call) &&
                   call.result.value_or(number == SYS_write ? 1 : 0) > 0;
        });
    }

    Daemon daemon_;
    pid_t worker_ = daemon_.worker();
    Program client_{client_path("bench_counted"), {daemon_.device(), "0x1", std::to_string(kAllocations)}};
    CallTracer tracer_;
    std::vector<TracedCall> calls_;
};

TEST_F(ChannelAllocations, AreOneRoundTripEach) {
    EXPECT_EQ(count_of_client(SYS_ioctl), kAllocations);
    EXPECT_EQ(count_of_worker(SYS_read), kAllocations);   // requests taken from the kernel
    EXPECT_EQ(count_of_worker(SYS_write), kAllocations);  // and answered
}

TEST_F(ChannelAllocations, AreOneReceiveEachThatNeverWaits) {
    EXPECT_EQ(count_of_client(SYS_recvmsg), kAllocations);
    for (const TracedCall& call : calls_) {
        if (call.number == SYS_recvmsg && call.thread == client_.pid()) {
            EXPECT_NE(call.arguments[2] & MSG_DONTWAIT, 0U);
            EXPECT_EQ(call.result, sizeof(std::uint64_t));  // the token: the message was there
        }
    }
}

TEST_F(ChannelAllocations, AreNothingElseInTheClient) {
    for (const TracedCall& call : calls_) {
        const bool known = call.number == SYS_ioctl || call.number == SYS_recvmsg ||
                           call.number == SYS_getpid;  // is this still the process that opened the channel?
        EXPECT_TRUE(known || call.thread != client_.pid()) << "system call " << call.number;
    }
    EXPECT_LE(count_of_client(SYS_getpid), kAllocations);
}

}  // namespace
}  // namespace ion::test
