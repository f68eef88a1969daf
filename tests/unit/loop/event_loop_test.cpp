// SPDX-License-Identifier: Apache-2.0

#include "daemon/loop/event_loop.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "daemon/base/unique_fd.h"
#include "tests/fakes/bounded_loop.h"

namespace ion {
namespace {

/// Two ends of a TCP connection: urgent data on it is what poll() calls POLLPRI.
struct Connection {
    Connection() {
        const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener.get(), generic, size), 0);
        EXPECT_EQ(::listen(listener.get(), 1), 0);
        EXPECT_EQ(::getsockname(listener.get(), generic, &size), 0);
        one.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(::connect(one.get(), generic, size), 0);
        other.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        EXPECT_TRUE(other);
    }
    UniqueFd one;
    UniqueFd other;
};

TEST(EventLoop, TellsPriorityAndNothingElse) {
    BoundedLoop loop;
    const Connection connection;
    int called = 0;
    char byte = 0;
    auto watch = (*loop).on_priority(connection.other.get(), [&] {
        ++called;
        EXPECT_EQ(::recv(connection.other.get(), &byte, 1, MSG_OOB), 1);
    });
    ASSERT_TRUE(watch);
    int turns = 0;
    const Watch turn = (*loop).every(std::chrono::milliseconds(1), [&] { ++turns; });
    ASSERT_EQ(::send(connection.one.get(), "a", 1, 0), 1);
    ASSERT_TRUE(loop.run_until([&] { return turns == 3; }));
    EXPECT_EQ(called, 0) << "data is there, but none that is urgent";
}

TEST(EventLoop, TellsPriority) {
    BoundedLoop loop;
    const Connection connection;
    int called = 0;
    auto watch = (*loop).on_priority(connection.other.get(), [&] {
        char byte = 0;
        EXPECT_EQ(::recv(connection.other.get(), &byte, 1, MSG_OOB), 1);
        EXPECT_EQ(byte, '!');
        ++called;
    });
    ASSERT_TRUE(watch);
    ASSERT_EQ(::send(connection.one.get(), "!", 1, MSG_OOB), 1);
    EXPECT_TRUE(loop.run_until([&] { return called == 1; }));
}

TEST(EventLoop, CallsWhatIsToBeCalledSoonOnceUnlessItsWatchHasEnded) {
    BoundedLoop loop;
    int called = 0;
    const Watch soon = (*loop).soon([&] { ++called; });
    Watch ended = (*loop).soon([&] { called += 100; });
    ended = Watch();
    EXPECT_EQ(called, 0) << "not before the next turn";
    int turns = 0;
    const Watch turn = (*loop).every(std::chrono::milliseconds(1), [&] { ++turns; });
    ASSERT_TRUE(loop.run_until([&] { return turns == 3; }));
    EXPECT_EQ(called, 1);
}

}  // namespace
}  // namespace ion
