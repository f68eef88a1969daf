// SPDX-License-Identifier: Apache-2.0
//
// IMPORT and SYNC: commands that name a descriptor of the caller.

#include "tests/unit/service/service_testing.h"

namespace ion {
namespace {

constexpr FileId kForeign{77, 88};

class Import : public ServiceTest {
  protected:
    void expect_failed(const CallerFacts& facts, int error) {
        const auto answer = std::get<Answer>(serve(abi::Import{3}, facts));
        EXPECT_EQ(answer.error, personality == Personality::kMsm34 ? 0 : error) << name_of(personality);
        EXPECT_EQ(answer.outputs.handle, 0U) << "the struct is written with no handle";
    }
};

TEST_F(Import, AsksWhatTheDescriptorIs) {
    const Outcome outcome = serve(abi::Import{-3});

    EXPECT_EQ(std::get<NeedIdentity>(outcome).fd, -3);
}

TEST_F(Import, FailsForADescriptorThatIsNotThereOrNotOurs) {
    for (const Personality one : kWithHandles) {
        personality = one;
        expect_failed(no_descriptor(), EBADF);
        expect_failed(no_descriptor(EFAULT), EFAULT);
        expect_failed(identity(kForeign), EINVAL);
    }
    EXPECT_EQ(device.state().client(client)->handles.size(), 0U);
}

TEST_F(Import, GivesAHandleForABufferOfAnotherClient) {
    const BufferId buffer = allocate(open()).first;
    for (const Personality one : kWithHandles) {
        personality = one;
        client = open();

        const auto answer = std::get<Answer>(serve(abi::Import{3}, identity(file_of(buffer))));

        EXPECT_EQ(answer.error, 0);
        EXPECT_EQ(answer.outputs.handle, 1U);
        EXPECT_EQ(references(HandleId{1}), 1U);
    }
}

TEST_F(Import, FailsForMemoryThatWasAnotherBuffersWhenTheDescriptorWasLookedAt) {
    const BufferId buffer = allocate(open()).first;
    CallerFacts facts = identity(file_of(buffer));
    facts.identity->next = buffer;
    for (const Personality one : kWithHandles) {
        personality = one;
        expect_failed(facts, EINVAL);
    }
    EXPECT_EQ(error_of(abi::Sync{3}, facts), EINVAL);
    facts.identity->next = BufferId{buffer.value + 1};
    EXPECT_EQ(error_of(abi::Sync{3}, facts), 0);
}

TEST_F(Import, GivesTheSameHandleAgainAndCountsIt) {
    const auto [buffer, handle] = allocate(client);

    for (std::uint32_t count = 2; count <= 3; ++count) {
        const auto answer = std::get<Answer>(serve(abi::Import{3}, identity(file_of(buffer))));
        EXPECT_EQ(answer.outputs.handle, handle.value);
        EXPECT_EQ(references(handle), count);
    }
    EXPECT_EQ(plain_error_of(abi::Free{handle.value}), 0);
    EXPECT_EQ(plain_error_of(abi::Free{handle.value}), 0);
    EXPECT_EQ(references(handle), 1U);
}

TEST_F(Import, TakesUpABufferThatOnlyADescriptorKeeps) {
    const auto [buffer, handle] = allocate(client);
    commit(BufferExported{buffer});
    EXPECT_EQ(error_of(abi::Free{handle.value}), 0);
    low.memory_count() == 1 ? low.memory(0).idle = false : high.memory(0).idle = false;
    EXPECT_FALSE(device.release_if_idle(buffer));

    EXPECT_EQ(error_of(abi::Import{3}, identity(file_of(buffer))), 0);

    EXPECT_EQ(references(handle), 1U);
}

TEST_F(Import, OfAReleasedBufferIsForeign) {
    const auto [buffer, handle] = allocate(client);
    const FileId file = file_of(buffer);
    EXPECT_EQ(error_of(abi::Free{handle.value}), 0);
    ASSERT_TRUE(device.release_if_idle(buffer));

    expect_failed(identity(file), EINVAL);
}

TEST_F(Import, AtTheLimitOfReferencesIsRefused) {
    const auto [buffer, handle] = allocate(client);
    commit(HandleReferenced{client, handle, INT32_MAX - 1});

    expect_failed(identity(file_of(buffer)), EOVERFLOW);
    EXPECT_EQ(references(handle), HandleTable::kMaxReferences);
}

class Sync : public ServiceTest {};

TEST_F(Sync, AsksWhatTheDescriptorIs) {
    EXPECT_EQ(std::get<NeedIdentity>(serve(abi::Sync{9})).fd, 9);
}

TEST_F(Sync, ChecksItsDescriptor) {
    const BufferId buffer = allocate(open()).first;
    for (const Personality one : kWithHandles) {
        personality = one;
        EXPECT_EQ(plain_error_of(abi::Sync{9}, no_descriptor()), EBADF);
        EXPECT_EQ(plain_error_of(abi::Sync{9}, identity(kForeign)), EINVAL);
        EXPECT_EQ(plain_error_of(abi::Sync{9}, identity(file_of(buffer))), 0);
    }
}

}  // namespace
}  // namespace ion
