// SPDX-License-Identifier: Apache-2.0
//
// FREE, GET_FLAGS, CUSTOM, and what every handle-based command does to a client.

#include "tests/unit/service/service_testing.h"

namespace ion {
namespace {

/// Numbers that are no handle of a client whose only handle is 1.
constexpr std::uint64_t kNoHandles[] = {2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1ULL << 32 | 1, ~0ULL};

class Handles : public ServiceTest {};

TEST_F(Handles, FreeDropsOneReference) {
    for (const Personality one : kWithHandles) {
        personality = one;
        const HandleId handle = allocate(client).second;
        commit(HandleReferenced{client, handle, +1});

        EXPECT_EQ(plain_error_of(abi::Free{handle.value}), 0);
        EXPECT_EQ(references(handle), 1U);
        EXPECT_EQ(plain_error_of(abi::Free{handle.value}), 0);
        EXPECT_EQ(references(handle), 0U);
        EXPECT_EQ(plain_error_of(abi::Free{handle.value}), EINVAL) << "freed twice";
    }
}

TEST_F(Handles, FreeRefusesWhatIsNoHandle) {
    (void)allocate(client);
    for (const Personality one : kWithHandles) {
        personality = one;
        for (const std::uint64_t handle : kNoHandles) {
            EXPECT_EQ(plain_error_of(abi::Free{handle}), EINVAL) << handle;
        }
    }
}

TEST_F(Handles, FreeOfZeroTellsAProbingLibraryWhatItTalksTo) {
    struct Row {
        Personality personality;
        int before;  // the client has used a handle-based command
        int after;
    };
    for (const Row& row :
         {Row{Personality::kAuto, ENOTTY, EINVAL}, Row{Personality::kLegacy, EINVAL, EINVAL},
          Row{Personality::kModern, ENOTTY, ENOTTY}, Row{Personality::kMsm34, EINVAL, EINVAL}}) {
        SCOPED_TRACE(name_of(row.personality));
        personality = row.personality;
        client = open();
        EXPECT_EQ(plain_error_of(abi::Free{0}), row.before);
        EXPECT_EQ(plain_error_of(abi::Free{0}), row.before) << "to ask is not to use";
        EXPECT_FALSE(uses_handles());

        (void)plain_error_of(abi::Free{5});

        EXPECT_EQ(plain_error_of(abi::Free{0}), row.after);
    }
}

TEST_F(Handles, AreAClientsOwn) {
    const HandleId handle = allocate(client).second;
    const ClientId owner = client;
    client = open();

    EXPECT_EQ(error_of(abi::Free{handle.value}), EINVAL);
    EXPECT_EQ(error_of(abi::Share{handle.value}), EINVAL);
    EXPECT_EQ(error_of(abi::GetFlags{handle.value}), EINVAL);
    client = owner;
    EXPECT_EQ(references(handle), 1U);
}

TEST_F(Handles, GetFlagsTellsTheBuffersFlags) {
    const HandleId handle = allocate(client, ~0U, 0x80000003).second;
    for (const Personality one : kWithHandles) {
        personality = one;

        const auto answer = std::get<Answer>(serve(abi::GetFlags{handle.value}));

        EXPECT_EQ(answer.error, 0);
        EXPECT_EQ(answer.outputs.value, 0x80000003U);
        EXPECT_EQ(plain_error_of(abi::GetFlags{handle.value + 1}), EINVAL);
    }
}

TEST_F(Handles, CustomIsForDrivers) {
    for (const Personality one : kWithHandles) {
        personality = one;
        const Outcome outcome = serve(abi::Custom{7, 0x1000});
        const auto* asked = std::get_if<AskDriver>(&outcome);
        ASSERT_NE(asked, nullptr);
        EXPECT_EQ(asked->number, 7U);
        EXPECT_EQ(asked->argument, 0x1000U);
    }
}

TEST_F(Handles, EveryCommandWithHandlesIsUnknownUnderModern) {
    const HandleId handle = allocate(client).second;
    abi::CacheMaintenance by_handle;
    by_handle.handle = handle.value;
    by_handle.null_address_allowed = true;
    personality = Personality::kModern;

    for (const abi::Request& request : std::vector<abi::Request>{
             abi::Free{handle.value}, abi::Share{handle.value}, abi::Import{3}, abi::Sync{3}, abi::Custom{},
             abi::GetFlags{handle.value}, abi::Alloc{4096, 0, 2}, by_handle}) {
        EXPECT_EQ(plain_error_of(request), ENOTTY) << "request " << request.index();
    }
    EXPECT_FALSE(uses_handles());
    EXPECT_EQ(references(handle), 1U);
}

TEST_F(Handles, EveryCommandWithHandlesMarksTheClient) {
    abi::CacheMaintenance maintenance;
    maintenance.null_address_allowed = true;
    for (const abi::Request& request :
         std::vector<abi::Request>{abi::Free{5}, abi::Share{5}, abi::Import{3}, abi::Sync{3},
                                   abi::GetFlags{5}, abi::Alloc{4096, 0, 2}, maintenance}) {
        client = open();
        (void)serve(request, no_descriptor());
        EXPECT_TRUE(uses_handles()) << "request " << request.index();
    }
    abi::Alloc returns_fd;
    returns_fd.returns_fd = true;
    for (const abi::Request& request :
         std::vector<abi::Request>{returns_fd, abi::HeapQuery{}, abi::AbiVersion{}, abi::Prefetch{}}) {
        client = open();
        (void)serve(request);
        EXPECT_FALSE(uses_handles()) << "request " << request.index();
    }
}

}  // namespace
}  // namespace ion
