// SPDX-License-Identifier: Apache-2.0
//
// The extension for the client library.

#include "tests/unit/service/service_testing.h"

namespace ion {
namespace {

class ChannelRequests : public ServiceTest {};

TEST_F(ChannelRequests, OpenTakesADescriptorOver) {
    for (const Personality one : kPersonalities) {
        personality = one;
        EXPECT_EQ(std::get<OpenChannel>(serve(abi::ChannelOpen{6, 1})).fd, 6);
    }
}

TEST_F(ChannelRequests, AllocSendsANewBufferThatIsChargedToItsClient) {
    abi::ChannelAlloc request;
    request.alloc = {4096, 0, 1U << 1, 0, false, true};
    Transaction tx;
    abi::Decoded decoded;
    decoded.request = request;

    const Outcome outcome = IonService(device, personality).serve(tx, client, decoded, {});

    const auto& made = std::get<BufferCreated>(tx.records.at(0));
    EXPECT_EQ(std::get<SendByChannel>(outcome).buffer, made.buffer);
    EXPECT_EQ(made.owner, client);
}

TEST_F(ChannelRequests, AllocFailsAsAllocDoes) {
    abi::ChannelAlloc request;
    request.alloc = {4096, 0, 0, 0, false, true};
    EXPECT_EQ(plain_error_of(request), ENODEV);
    request.alloc.length = 0;
    EXPECT_EQ(plain_error_of(request), EINVAL);
    request.alloc = {4096, 0, ~0U, 0, false, true};
    low.fail_with(ENOMEM);
    high.fail_with(EINVAL);
    EXPECT_EQ(plain_error_of(request), ENOMEM);
}

TEST_F(ChannelRequests, ShareSendsABufferByHandle) {
    const auto [buffer, handle] = allocate(client);

    EXPECT_EQ(std::get<SendByChannel>(serve(abi::ChannelShare{handle.value})).buffer, buffer);
    EXPECT_EQ(plain_error_of(abi::ChannelShare{handle.value + 1}), EINVAL);
    EXPECT_EQ(plain_error_of(abi::ChannelShare{0}), EINVAL);
}

TEST_F(ChannelRequests, ShareOnMsm34DecidesWhetherTheBufferIsCachedAsShareDoes) {
    constexpr std::uint32_t kCached = 1;
    constexpr std::uint32_t kDsync = 0x1000;
    personality = Personality::kMsm34;
    const auto [buffer, handle] = allocate(client, 1U << 1);
    const auto share = [this](HandleId which) {
        Transaction tx;
        abi::Decoded decoded;
        decoded.request = abi::ChannelShare{which.value};
        const Outcome outcome = IonService(device, personality).serve(tx, client, decoded, {});
        EXPECT_TRUE(device.commit(std::move(tx)));
        return std::holds_alternative<SendByChannel>(outcome);
    };
    EXPECT_TRUE(share(handle));
    EXPECT_EQ(device.state().buffer(buffer)->made.flags, kCached);

    commit(BufferExported{buffer});
    low.memory(0).idle = false;
    client = open(100, kDsync);
    ASSERT_EQ(error_of(abi::Import{3}, identity(file_of(buffer))), 0);
    EXPECT_EQ(plain_error_of(abi::ChannelShare{1}), EEXIST);

    low.memory(0).idle = true;
    EXPECT_TRUE(share(HandleId{1}));
    EXPECT_EQ(device.state().buffer(buffer)->made.flags, 0U);
}

}  // namespace
}  // namespace ion
