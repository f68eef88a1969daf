// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/fd_message.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "daemon/base/file_id.h"

namespace ion {
namespace {

struct SocketPair {
    SocketPair() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        here.reset(ends[0]);
        there.reset(ends[1]);
    }
    UniqueFd here;
    UniqueFd there;
};

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

Result<ReceivedMessage> receive(int socket, std::string& text, std::size_t room = 64, int flags = 0) {
    text.assign(room, '\0');
    auto received = receive_message(socket, std::as_writable_bytes(std::span(text)), flags | MSG_DONTWAIT);
    text.resize(received ? received->size : 0);
    return received;
}

TEST(FdMessage, CarriesBytesAlone) {
    const SocketPair pair;

    ASSERT_TRUE(send_message(pair.here.get(), bytes_of("hello")));

    std::string text;
    const auto received = receive(pair.there.get(), text);
    ASSERT_TRUE(received);
    EXPECT_EQ(text, "hello");
    EXPECT_FALSE(received->fd);
}

TEST(FdMessage, CarriesADescriptorThatIsClosedOnExec) {
    const SocketPair pair;
    const UniqueFd memory(::memfd_create("sent", 0));

    ASSERT_TRUE(send_message(pair.here.get(), bytes_of("x"), memory.get()));

    std::string text;
    const auto received = receive(pair.there.get(), text);
    ASSERT_TRUE(received);
    ASSERT_TRUE(received->fd);
    EXPECT_NE(received->fd.get(), memory.get());
    EXPECT_EQ(*file_id_of(received->fd.get()), *file_id_of(memory.get()));
    EXPECT_EQ(::fcntl(received->fd.get(), F_GETFD), FD_CLOEXEC);
}

TEST(FdMessage, TakesNoMoreThanOneDescriptor) {
    const SocketPair pair;
    const UniqueFd first(::memfd_create("first", MFD_CLOEXEC));
    int pipe_ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
    const UniqueFd read_end(pipe_ends[0]);
    UniqueFd second(pipe_ends[1]);
    alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
    char byte = 'x';
    iovec data{&byte, 1};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(2 * sizeof(int));
    const int both[2] = {first.get(), second.get()};
    std::memcpy(CMSG_DATA(header), both, sizeof(both));
    ASSERT_EQ(::sendmsg(pair.here.get(), &message, MSG_DONTWAIT), 1);
    second.reset();

    std::string text;
    const auto received = receive(pair.there.get(), text);

    ASSERT_TRUE(received);
    EXPECT_EQ(*file_id_of(received->fd.get()), *file_id_of(first.get()));
    pollfd end{read_end.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&end, 1, 0), 1) << "somebody still has the second descriptor";
    EXPECT_EQ(end.revents, POLLHUP);
}

TEST(FdMessage, SaysWhenAMessageIsLargerThanItsRoom) {
    const SocketPair pair;
    ASSERT_TRUE(send_message(pair.here.get(), bytes_of("hello")));

    std::string text;
    const auto received = receive(pair.there.get(), text, 4);

    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().code, EMSGSIZE);
}

TEST(FdMessage, PeekingLeavesTheMessage) {
    const SocketPair pair;
    const UniqueFd memory(::memfd_create("sent", MFD_CLOEXEC));
    ASSERT_TRUE(send_message(pair.here.get(), bytes_of("again"), memory.get()));

    for (const int flags : {int{MSG_PEEK}, 0}) {
        std::string text;
        const auto received = receive(pair.there.get(), text, 64, flags);
        ASSERT_TRUE(received);
        EXPECT_EQ(text, "again");
        EXPECT_EQ(*file_id_of(received->fd.get()), *file_id_of(memory.get()));
    }
}

TEST(FdMessage, ReadsNothingFromAClosedPeer) {
    SocketPair pair;
    pair.here.reset();

    std::string text;
    const auto received = receive(pair.there.get(), text);

    ASSERT_TRUE(received);
    EXPECT_EQ(received->size, 0U);
}

TEST(FdMessage, SendingToAClosedPeerFailsWithoutASignal) {
    SocketPair pair;
    pair.there.reset();

    const auto sent = send_message(pair.here.get(), bytes_of("x"));

    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, EPIPE);
}

TEST(FdMessage, NeverWaitsForAReader) {
    const SocketPair pair;
    Result<void> sent;
    int messages = 0;
    while ((sent = send_message(pair.here.get(), bytes_of("x"))) && messages < 1'000'000) {
        ++messages;
    }

    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, EAGAIN);
    EXPECT_GT(messages, 0);
}

TEST(FdMessage, ReportsAnEmptyQueue) {
    const SocketPair pair;

    std::string text;
    const auto received = receive(pair.there.get(), text);

    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().code, EAGAIN);
}

}  // namespace
}  // namespace ion
