// SPDX-License-Identifier: Apache-2.0
//
// Requests that fault rules have fail.

#include "tests/unit/service/service_testing.h"

namespace ion {
namespace {

constexpr std::uint32_t kLow = 1U << 1;
constexpr std::uint32_t kHigh = 1U << 4;

abi::Alloc alloc(std::uint32_t mask) {
    abi::Alloc request;
    request.length = 4096;
    request.heap_mask = mask;
    return request;
}

CallerFacts failing(int error, HeapId heap = Fault::kWholeCall) {
    CallerFacts facts;
    facts.faults = {{"test", error, heap}};
    return facts;
}

class FaultService : public ServiceTest {
  protected:
    [[nodiscard]] std::optional<FaultSubject> subject(const abi::Request& request) {
        return IonService(device, personality).fault_subject({.request = request});
    }
};

TEST_F(FaultService, FailsAnAllocationAsARefusalOfTheRule) {
    const Outcome outcome = serve(alloc(kLow), failing(EIO));
    const auto& answer = std::get<Answer>(outcome);
    EXPECT_EQ(answer.error, EIO);
    ASSERT_TRUE(answer.refused);
    EXPECT_EQ(answer.refused->error.context, "fault test");
    EXPECT_EQ(low.usage().allocated, 0U);
}

TEST_F(FaultService, HasAHeapRefuseAndTheNextServe) {
    const Outcome outcome = serve(alloc(kLow | kHigh), failing(EIO, HeapId{4}));
    EXPECT_EQ(std::get<Answer>(outcome).error, 0);
    EXPECT_EQ(low.usage().allocated, 4096U);
    const Outcome refused = serve(alloc(kHigh), failing(EIO, HeapId{4}));
    EXPECT_EQ(std::get<Answer>(refused).refused->error.context, "high: fault test");
}

TEST_F(FaultService, FailsOtherCommandsBeforeTheyChangeAnything) {
    const auto handle = *std::get<Answer>(serve(alloc(kLow))).outputs.handle;
    EXPECT_EQ(plain_error_of(abi::Free{handle}, failing(EINTR)), EINTR);
    EXPECT_EQ(references(HandleId{1}), 1U);
    EXPECT_EQ(plain_error_of(abi::Share{handle}, failing(EMFILE)), EMFILE);
    EXPECT_EQ(plain_error_of(abi::Sync{5}, failing(EBADF)), EBADF) << "nobody looks for its descriptor";
    EXPECT_EQ(plain_error_of(abi::Custom{1, 2}, failing(EPERM)), EPERM) << "no driver is asked";
}

TEST_F(FaultService, FailsAnImportAsThePersonalityHasIt) {
    EXPECT_EQ(error_of(abi::Import{3}, failing(ENOMEM)), ENOMEM);
    personality = Personality::kMsm34;
    const Outcome outcome = serve(abi::Import{3}, failing(ENOMEM));
    EXPECT_EQ(std::get<Answer>(outcome).error, 0);
    EXPECT_EQ(std::get<Answer>(outcome).outputs.handle, 0U);
}

TEST_F(FaultService, SaysWhatRulesAreToBeAskedAbout) {
    EXPECT_EQ(subject(alloc(kLow))->command, FaultCommand::kAlloc);
    EXPECT_EQ(subject(alloc(kLow))->heap_mask, kLow);
    EXPECT_EQ(subject(abi::ChannelAlloc{alloc(kHigh)})->heap_mask, kHigh);
    EXPECT_EQ(subject(abi::Free{1})->command, FaultCommand::kFree);
    EXPECT_EQ(subject(abi::ChannelShare{1})->command, FaultCommand::kShare);
    EXPECT_EQ(subject(abi::Import{1})->command, FaultCommand::kImport);
    EXPECT_EQ(subject(abi::CacheMaintenance{})->command, FaultCommand::kSync);
    EXPECT_EQ(subject(abi::Custom{})->command, FaultCommand::kCustom);
    EXPECT_EQ(subject(abi::HeapQuery{})->command, FaultCommand::kQuery);
    EXPECT_EQ(subject(abi::GetFlags{})->command, FaultCommand::kAny);
    EXPECT_FALSE(subject(abi::Free{0})) << "by which libion asks for the generation";
    EXPECT_FALSE(subject(abi::ChannelOpen{}));
    personality = Personality::kMsm34;
    EXPECT_EQ(subject(alloc(kLow | kFlagSecure))->heap_mask, kLow) << "bit 31 is no heap there";
}

}  // namespace
}  // namespace ion
