// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "daemon/base/unique_fd.h"

namespace ion {
namespace {

/// Sets $NOTIFY_SOCKET for one test.
class NotifySocket {
  public:
    explicit NotifySocket(const std::string& value) { ::setenv("NOTIFY_SOCKET", value.c_str(), 1); }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;
    ~NotifySocket() { ::unsetenv("NOTIFY_SOCKET"); }
};

/// A socket bound to an abstract name of this process.
UniqueFd listen_at(const std::string& name) {
    UniqueFd listener(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
        return {};
    }
    return listener;
}

TEST(NotifyServiceManager, SendsItsStateToTheSocketInTheEnvironment) {
    const std::string name = "iond-notify-test-" + std::to_string(::getpid());
    const UniqueFd listener = listen_at(name);
    ASSERT_TRUE(listener);
    const NotifySocket environment("@" + name);

    notify_service_manager("READY=1\nSTATUS=serving");

    std::array<char, 64> room{};
    const ssize_t size = ::recv(listener.get(), room.data(), room.size(), MSG_DONTWAIT);
    ASSERT_GT(size, 0);
    EXPECT_EQ(std::string(room.data(), static_cast<std::size_t>(size)), "READY=1\nSTATUS=serving");
}

TEST(NotifyServiceManager, DoesNothingWithoutAUsableSocket) {
    ::unsetenv("NOTIFY_SOCKET");
    notify_service_manager("READY=1");

    for (const std::string& value : {std::string(), std::string("relative"), std::string("/no/such/socket"),
                                     "/" + std::string(sizeof(sockaddr_un::sun_path), 'x')}) {
        const NotifySocket environment(value);
        notify_service_manager("READY=1");  // ASan sees a path that would not fit
    }
}

}  // namespace
}  // namespace ion
