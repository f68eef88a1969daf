// SPDX-License-Identifier: Apache-2.0
//
// What a session answers by itself, to a kernel that is a socket: interrupts, and requests that end workers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fuse.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "daemon/transport/fuse_session.h"

namespace ion {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kRequest = 40;
constexpr std::uint64_t kInterrupt = 41;

struct Answered {
    std::uint64_t unique = 0;
    int error = 0;
    bool operator==(const Answered&) const = default;
};

class FuseSessionTest : public ::testing::Test {
  protected:
    FuseSessionTest() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        kernel_.reset(ends[0]);
        daemon_.reset(ends[1]);
    }

    /// A request that was read, and is being worked on by this worker or was by a former one.
    SlotIndex put_request(RequestSlots& slots) {
        fuse_in_header header{};
        header.len = sizeof(header);
        header.opcode = FUSE_IOCTL;
        header.unique = kRequest;
        header.pid = 1234;
        const SlotIndex slot = slots.next_free().value();
        std::memcpy(slots.room(slot).data(), &header, sizeof(header));
        slots.taken(slot);
        return slot;
    }

    void interrupt(std::uint64_t unique) {
        struct {
            fuse_in_header header{};
            fuse_interrupt_in body{};
        } request;
        request.header.len = sizeof(request);
        request.header.opcode = FUSE_INTERRUPT;
        request.header.unique = kInterrupt;
        request.body.unique = unique;
        ASSERT_EQ(::write(kernel_.get(), &request, sizeof(request)), static_cast<ssize_t>(sizeof(request)));
    }

    std::vector<Answered> answers() {
        std::vector<Answered> all;
        fuse_out_header header{};
        while (::read(kernel_.get(), &header, sizeof(header)) == static_cast<ssize_t>(sizeof(header))) {
            all.push_back({header.unique, -header.error});
        }
        return all;
    }

    UniqueFd kernel_;
    UniqueFd daemon_;
    std::unique_ptr<Journal> journal_ = *Journal::create();
};

TEST_F(FuseSessionTest, AnswersEintrToARequestThatNobodyKnows) {
    FuseSession session(*journal_, SessionId::kDevice, daemon_.get());
    interrupt(kRequest);
    session.readable();
    EXPECT_EQ(answers(), (std::vector<Answered>{{kRequest, EINTR}}));
    EXPECT_TRUE(session.slots().occupied().empty());
}

TEST_F(FuseSessionTest, LeavesARequestInProgressToItsOwnAnswer) {
    FuseSession session(*journal_, SessionId::kDevice, daemon_.get());
    const SlotIndex slot = put_request(session.slots());
    interrupt(kRequest);
    session.readable();
    EXPECT_EQ(answers(), std::vector<Answered>{});
    EXPECT_EQ(session.slots().occupied(), std::vector<SlotIndex>{slot});
}

TEST_F(FuseSessionTest, AnswersEioToARequestThatEndedTwoWorkersAndLogsIt) {
    {
        RequestSlots former(*journal_, SessionId::kDevice);
        const SlotIndex slot = put_request(former);
        for (int worker = 0; worker < 2; ++worker) {
            journal_->header().current_slot.store(slot + 1);  // where it died
            const RequestSlots next(*journal_, SessionId::kDevice);
        }
    }
    FuseSession session(*journal_, SessionId::kDevice, daemon_.get());
    ::testing::internal::CaptureStderr();
    session.resume([](SlotIndex) { return false; });
    const std::string log = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(answers(), (std::vector<Answered>{{kRequest, EIO}}));
    EXPECT_TRUE(session.slots().occupied().empty());
    // fuse_in_header as it lies in memory: len 40, opcode 39, unique 40, nodeid, uid, gid, pid 1234.
    EXPECT_THAT(log, HasSubstr("a request of thread 1234 ended two workers and is answered EIO: opcode 39, "
                               "40 bytes: 2800000027000000280000000000000000000000000000000000000000000000"
                               "d204000000000000"));
}

}  // namespace
}  // namespace ion
