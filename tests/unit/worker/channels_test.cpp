// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/channels.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/fd_message.h"
#include "tests/fakes/bounded_loop.h"
#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

/// The client's end of a channel, and how it looks from there.
struct Peer {
    UniqueFd socket;

    [[nodiscard]] bool hung_up() const {
        char byte = 0;
        return ::recv(socket.get(), &byte, sizeof(byte), MSG_DONTWAIT) == 0;
    }
};

class ChannelsTest : public testing::Test, protected FakeDevice {
  protected:
    ChannelsTest() : client(open()), channels(device, *loop) {}

    /// A pair; the daemon's end goes to `daemon_end`.
    static Peer pair(UniqueFd& daemon_end, int type = SOCK_SEQPACKET) {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
        daemon_end.reset(ends[0]);
        return Peer{UniqueFd(ends[1])};
    }

    Peer open_channel(ClientId owner, std::int32_t pid = ::getpid()) {
        UniqueFd daemon_end;
        Peer peer = pair(daemon_end);
        EXPECT_TRUE(channels.open(owner, pid, std::move(daemon_end)));
        return peer;
    }

    [[nodiscard]] int found(ClientId owner) const { return channels.find(owner, ::gettid()); }

    ClientId client;
    BoundedLoop loop;
    Channels channels;
};

TEST_F(ChannelsTest, ServeTheProcessThatOpenedOne) {
    const ClientId other = open();
    const Peer peer = open_channel(client);

    EXPECT_GE(found(client), 0);
    EXPECT_EQ(found(client), device.state().channel(client, ::getpid())->fd);
    EXPECT_EQ(found(other), -1);
    EXPECT_EQ(channels.find(client, 1), -1) << "not a thread of this process";
}

TEST_F(ChannelsTest, DoNotServeAnotherProcessOnTheSameFile) {
    const Peer peer = open_channel(client, 1);

    EXPECT_EQ(found(client), -1);
}

TEST_F(ChannelsTest, AreRecordedWithWhatTheNextWorkerChecks) {
    const Peer peer = open_channel(client);

    const Channel* channel = device.state().channel(client, ::getpid());
    ASSERT_NE(channel, nullptr);
    EXPECT_EQ(channel->file, *file_id_of(channel->fd));
}

TEST_F(ChannelsTest, MustKeepMessageBoundaries) {
    UniqueFd stream;
    const Peer peer = pair(stream, SOCK_STREAM);
    UniqueFd file(::open("/dev/null", O_RDWR | O_CLOEXEC));

    EXPECT_EQ(channels.open(client, ::getpid(), std::move(stream)).error().code, EINVAL);
    EXPECT_EQ(channels.open(client, ::getpid(), std::move(file)).error().code, EINVAL);
    EXPECT_EQ(channels.open(client, ::getpid(), UniqueFd()).error().code, EINVAL);
    EXPECT_TRUE(peer.hung_up());
    EXPECT_TRUE(device.state().channels().empty());
}

TEST_F(ChannelsTest, AreClosedWhenTheyCannotBeRecorded) {
    UniqueFd daemon_end;
    const Peer peer = pair(daemon_end);
    log.refuse(true);

    EXPECT_EQ(channels.open(client, ::getpid(), std::move(daemon_end)).error().code, ENOMEM);

    EXPECT_TRUE(peer.hung_up());
    EXPECT_EQ(found(client), -1);
}

TEST_F(ChannelsTest, AreReplacedByALaterOneOfTheSameProcess) {
    const Peer first = open_channel(client);
    const Peer second = open_channel(client);

    EXPECT_TRUE(first.hung_up());
    EXPECT_FALSE(second.hung_up());
    EXPECT_EQ(found(client), device.state().channel(client, ::getpid())->fd);
}

TEST_F(ChannelsTest, SendATokenWithADescriptor) {
    const Peer peer = open_channel(client);
    const BufferId buffer = allocate(client, 1U << 1).first;
    const UniqueFd memory(::memfd_create("export", MFD_CLOEXEC));
    low.memory(0).export_of = memory.get();

    ASSERT_TRUE(channels.send(found(client), buffer, 0xABCDEF));

    ChannelMessage message;
    const auto received =
        receive_message(peer.socket.get(), std::as_writable_bytes(std::span(&message, 1)), MSG_DONTWAIT);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->size, sizeof(message));
    EXPECT_EQ(message.token, 0xABCDEFU);
    EXPECT_EQ(*file_id_of(received->fd.get()), *file_id_of(memory.get()));
}

TEST_F(ChannelsTest, SayWhyTheyCouldNotSend) {
    const Peer peer = open_channel(client);
    const BufferId buffer = allocate(client, 1U << 1).first;
    const int channel = found(client);

    EXPECT_EQ(channels.send(channel, BufferId{99}, 1).error().code, EINVAL);

    low.memory(0).export_error = EMFILE;
    EXPECT_EQ(channels.send(channel, buffer, 1).error().code, EMFILE);

    low.memory(0).export_error = 0;
    Result<UniqueFd> sent{UniqueFd()};
    for (int i = 0; i < 1'000'000 && (sent = channels.send(channel, buffer, 1)); ++i) {
    }
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, EAGAIN) << "the client does not read";
}

TEST_F(ChannelsTest, FailWithoutASignalWhenTheClientHasClosedItsEnd) {
    Peer peer = open_channel(client);
    const BufferId buffer = allocate(client).first;
    peer.socket.reset();

    EXPECT_EQ(channels.send(found(client), buffer, 1).error().code, EPIPE);
}

TEST_F(ChannelsTest, SayThatTheClientHasClosedItsEndWithoutReading) {
    Peer peer = open_channel(client);
    const BufferId buffer = allocate(client).first;
    const int channel = found(client);
    ASSERT_TRUE(channels.send(channel, buffer, 1));
    peer.socket.reset();

    EXPECT_EQ(channels.send(channel, buffer, 2).error().code, ECONNRESET);
}

TEST_F(ChannelsTest, EndWithTheirClientsEnd) {
    Peer peer = open_channel(client);
    peer.socket.reset();

    EXPECT_TRUE(loop.run_until([&] { return device.state().channels().empty(); }));

    EXPECT_EQ(found(client), -1);
}

TEST_F(ChannelsTest, EndWhenTheirClientTalks) {
    const Peer peer = open_channel(client);
    ASSERT_EQ(::send(peer.socket.get(), "x", 1, MSG_DONTWAIT), 1);

    EXPECT_TRUE(loop.run_until([&] { return device.state().channels().empty(); }));

    EXPECT_TRUE(peer.hung_up());
    EXPECT_EQ(found(client), -1);
}

TEST_F(ChannelsTest, OfAClosedClientAreForgotten) {
    const ClientId other = open();
    const Peer one = open_channel(client);
    const Peer child = open_channel(client, 1);
    const Peer kept = open_channel(other);
    close(client);

    channels.forget(client);

    EXPECT_TRUE(one.hung_up());
    EXPECT_TRUE(child.hung_up());
    EXPECT_FALSE(kept.hung_up());
    EXPECT_GE(found(other), 0);
}

TEST_F(ChannelsTest, OfAFormerWorkerAreTakenUp) {
    UniqueFd daemon_end;
    Peer peer = pair(daemon_end);
    const int fd = daemon_end.release();
    commit(ChannelOpened{client, ::getpid(), fd, *file_id_of(fd)});

    channels.resume();
    EXPECT_EQ(found(client), fd);

    peer.socket.reset();
    EXPECT_TRUE(loop.run_until([&] { return device.state().channels().empty(); }));
}

}  // namespace
}  // namespace ion
