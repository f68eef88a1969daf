// SPDX-License-Identifier: Apache-2.0
//
// SHARE and MAP.

#include "tests/unit/service/service_testing.h"

namespace ion {
namespace {

constexpr std::uint32_t kCached = 1;
constexpr std::uint32_t kDsync = 0x1000;
constexpr std::uint32_t kSync = 0x101000;

class Share : public ServiceTest {
  protected:
    /// Serves SHARE and commits what a hand-over commits with it.
    Outcome share(HandleId handle) {
        Transaction tx;
        abi::Decoded decoded;
        decoded.request = abi::Share{handle.value};
        Outcome outcome = IonService(device, personality).serve(tx, client, decoded, {});
        EXPECT_TRUE(device.commit(std::move(tx)));
        return outcome;
    }

    [[nodiscard]] std::uint32_t flags_of(BufferId buffer) const {
        return device.state().buffer(buffer)->made.flags;
    }
};

TEST_F(Share, HandsTheBufferOver) {
    const auto [buffer, handle] = allocate(client);
    for (const Personality one : kWithHandles) {
        personality = one;

        const auto over = std::get<HandOver>(share(handle));

        EXPECT_EQ(over.buffer, buffer);
        EXPECT_TRUE(over.failure_writes_errno);
    }
}

TEST_F(Share, RefusesWhatIsNoHandle) {
    for (const Personality one : kWithHandles) {
        personality = one;
        for (const std::uint64_t handle : {0ULL, 1ULL, ~0ULL}) {
            EXPECT_EQ(plain_error_of(abi::Share{handle}), EINVAL);
        }
    }
}

TEST_F(Share, LeavesFlagsAloneUnlessSharingDecidesThem) {
    for (const Personality one : {Personality::kAuto, Personality::kLegacy}) {
        personality = one;
        client = open(100, kDsync);
        const auto [buffer, handle] = allocate(client, ~0U, kCached | 2);

        (void)share(handle);

        EXPECT_EQ(flags_of(buffer), kCached | 2);
    }
}

TEST_F(Share, OnMsm34DecidesByTheOpenFlagsWhetherTheBufferIsCached) {
    personality = Personality::kMsm34;
    struct Row {
        std::uint32_t open_flags;
        std::uint32_t before;
        std::uint32_t after;
    };
    for (const Row& row : {Row{0, 0, kCached}, Row{0, kCached | 2, kCached | 2}, Row{kDsync, 0, 0},
                           Row{kDsync, kCached | 2, 2}, Row{kSync, kCached, 0}}) {
        client = open(100, row.open_flags);
        const auto [buffer, handle] = allocate(client, ~0U, row.before);

        EXPECT_TRUE(std::holds_alternative<HandOver>(share(handle)));

        EXPECT_EQ(flags_of(buffer), row.after);
    }
}

TEST_F(Share, OnMsm34RefusesToMapABufferTheOtherWayWhileItIsMapped) {
    personality = Personality::kMsm34;
    const auto [buffer, handle] = allocate(client, 1U << 1);
    ASSERT_TRUE(std::holds_alternative<HandOver>(share(handle)));
    ASSERT_EQ(flags_of(buffer), kCached);
    commit(BufferExported{buffer});
    low.memory(0).idle = false;
    client = open(100, kDsync);
    ASSERT_EQ(error_of(abi::Import{3}, identity(file_of(buffer))), 0);

    EXPECT_EQ(plain_error_of(abi::Share{1}), EEXIST);
    EXPECT_EQ(flags_of(buffer), kCached);

    low.memory(0).idle = true;
    EXPECT_TRUE(std::holds_alternative<HandOver>(share(HandleId{1})));
    EXPECT_EQ(flags_of(buffer), 0U);
}

TEST_F(Share, OnMsm34AllowsTheSameWayWhileItIsMapped) {
    personality = Personality::kMsm34;
    const auto [buffer, handle] = allocate(client, 1U << 1, kCached);
    commit(BufferExported{buffer});
    low.memory(0).idle = false;

    EXPECT_TRUE(std::holds_alternative<HandOver>(share(handle)));
    EXPECT_EQ(low.memory(0).looks, 0);
}

TEST_F(Share, OfABufferWhoseMemoryWasLostChangesNothing) {
    // Its record could not be dropped at the start, because the journal was full (Device::restore).
    personality = Personality::kMsm34;
    const auto [buffer, handle] = allocate(client);
    commit(BufferExported{buffer});
    FakeDevice next;
    for (const Record& record : log.records()) {
        ASSERT_TRUE(next.device.replay(record));
    }
    Transaction tx;
    abi::Decoded decoded;
    decoded.request = abi::Share{handle.value};

    const Outcome outcome = IonService(next.device, personality).serve(tx, client, decoded, {});

    EXPECT_TRUE(std::holds_alternative<HandOver>(outcome)) << "which fails for want of a descriptor";
    EXPECT_FALSE(next.device.open_export(buffer));
}

}  // namespace
}  // namespace ion
