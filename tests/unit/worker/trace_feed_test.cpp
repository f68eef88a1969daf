// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/trace_feed.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <sstream>

#include "heaps/trace/trace.h"
#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

/// A device of its own that commits through a feed, and a recorder's connection to it.
class TraceFeedTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::array<int, 2> ends{};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        daemon_.reset(ends[0]);
        recorder_.reset(ends[1]);
        feed_.attach(device_);
        Transaction tx;
        client_ = device_.open_client(tx, {42, {"a b"}, 0, 0, 0});
        ASSERT_TRUE(device_.commit(std::move(tx)));
    }

    BufferId allocate(std::uint32_t mask = 1U << 4) {
        Transaction tx;
        const auto buffer =
            device_.allocate(tx, client_, {4096, 8192, mask, 3, HeapOrder::kAscending, false});
        EXPECT_TRUE(buffer);
        static_cast<void>(device_.add_handle(tx, client_, *buffer));
        EXPECT_TRUE(device_.commit(std::move(tx)));
        return *buffer;
    }

    void release(BufferId buffer) {
        Transaction tx;
        EXPECT_TRUE(device_.free(tx, client_, device_.state().client(client_)->handles.of(buffer).value));
        EXPECT_TRUE(device_.commit(std::move(tx)));
        EXPECT_TRUE(device_.release_if_idle(buffer));
    }

    /// What has come so far, in whole lines.
    std::string received() {
        std::string all;
        std::array<char, 4096> room{};
        for (ssize_t size = 0; (size = ::recv(recorder_.get(), room.data(), room.size(), 0)) > 0;) {
            all.append(room.data(), static_cast<std::size_t>(size));
        }
        return all;
    }

    FakeDevice parts_;
    std::uint64_t now_ = 1000;
    TraceFeed feed_{parts_.log, [this] { return now_; }};
    Device device_{parts_.heaps, feed_};
    ClientId client_;
    UniqueFd daemon_;
    UniqueFd recorder_;
};

TEST_F(TraceFeedTest, TellsWhoAllocatesWhatWhere) {
    feed_.begin(daemon_.get());
    now_ += 7;
    const BufferId buffer = allocate();
    now_ += 1;
    release(buffer);
    EXPECT_EQ(received(), "7 a%20b-42 alloc 1 4096 8192 high 0x3\n8 a%20b-42 free 1\n");
}

TEST_F(TraceFeedTest, BeginsWithWhatLives) {
    allocate();
    const BufferId gone = allocate();
    allocate(1U << 1);
    release(gone);
    feed_.begin(daemon_.get());
    EXPECT_EQ(received(), "0 a%20b-42 alloc 1 4096 8192 high 0x3\n0 a%20b-42 alloc 3 4096 8192 low 0x3\n");
}

TEST_F(TraceFeedTest, TellsNothingThatWasNotCommitted) {
    feed_.begin(daemon_.get());
    parts_.log.refuse(true);
    Transaction tx;
    ASSERT_TRUE(device_.allocate(tx, client_, {4096, 0, ~0U, 0, HeapOrder::kAscending, false}));
    EXPECT_FALSE(device_.commit(std::move(tx)));
    EXPECT_EQ(received(), "");
}

TEST_F(TraceFeedTest, NeverWaitsAndCountsWhatIsLost) {
    const int least = 1;
    feed_.begin(daemon_.get());
    ASSERT_EQ(::setsockopt(daemon_.get(), SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)), 0);
    for (int i = 0; i < 500; ++i) {
        allocate();
    }
    std::string text = std::string(kTraceHeader) + "\n" + received();
    const BufferId last = allocate();
    text += received();

    std::istringstream in(text);
    const auto trace = read_trace(in, "t");
    ASSERT_TRUE(trace) << trace.error().context;
    EXPECT_GT(trace->lost, 0U);
    EXPECT_EQ(trace->lost + trace->events.size(), 501U);
    EXPECT_EQ(trace->events.back().id, last.value);
}

TEST_F(TraceFeedTest, GoesOnWhenARecorderIsGone) {
    feed_.begin(daemon_.get());
    recorder_.reset();
    allocate();
    feed_.end(daemon_.get());
    allocate();
    EXPECT_EQ(device_.state().buffers().size(), 2U);
}

}  // namespace
}  // namespace ion
