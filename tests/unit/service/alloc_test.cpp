// SPDX-License-Identifier: Apache-2.0
//
// ALLOC of all generations.

#include "tests/unit/service/service_testing.h"

namespace ion {
namespace {

constexpr std::uint32_t kLow = 1U << 1;
constexpr std::uint32_t kHigh = 1U << 4;
constexpr std::uint32_t kBoth = kLow | kHigh;

abi::Alloc alloc(std::uint64_t length, std::uint32_t mask, bool returns_fd = false) {
    abi::Alloc request;
    request.length = length;
    request.heap_mask = mask;
    request.returns_fd = returns_fd;
    return request;
}

class Alloc : public ServiceTest {
  protected:
    /// Heap of the buffer that was made last.
    [[nodiscard]] HeapId last_heap() const {
        const BufferId last{device.state().counters().next_buffer - 1};
        const Buffer* buffer = device.state().buffer(last);
        return buffer == nullptr ? HeapId{} : buffer->made.heap;
    }
};

TEST_F(Alloc, GivesAHandleToTheOlderGenerations) {
    for (const Personality one : kWithHandles) {
        personality = one;
        client = open();

        const auto answer = std::get<Answer>(serve(alloc(1, kLow)));

        EXPECT_EQ(answer.error, 0);
        EXPECT_EQ(answer.outputs.handle, 1U);
        EXPECT_FALSE(answer.outputs.fd);
        EXPECT_EQ(references(HandleId{1}), 1U);
        EXPECT_TRUE(uses_handles());
    }
}

TEST_F(Alloc, HandsADescriptorOverToTheNewerOnes) {
    for (const Personality one : kPersonalities) {
        personality = one;
        Transaction tx;
        abi::Decoded request;
        request.request = alloc(1, kLow, true);

        const Outcome outcome = IonService(device, personality).serve(tx, client, request, {});

        const auto& made = std::get<BufferCreated>(tx.records.at(0));
        EXPECT_EQ(std::get<HandOver>(outcome).buffer, made.buffer);
        EXPECT_FALSE(std::get<HandOver>(outcome).failure_writes_errno);
        EXPECT_EQ(made.owner, client) << "charged as long as its file is open";
        ASSERT_EQ(tx.records.size(), 2U) << "no handle, and none used";
        EXPECT_EQ(std::get<BufferOrigin>(tx.records.at(1)).buffer, made.buffer);
    }
}

TEST_F(Alloc, IsRefusedWithItsOwnErrno) {
    for (const bool returns_fd : {false, true}) {
        EXPECT_EQ(plain_error_of(alloc(0, ~0U, returns_fd)), EINVAL);
        EXPECT_EQ(plain_error_of(alloc(~0ULL, ~0U, returns_fd)), EINVAL) << "rounded up it is 0";
        EXPECT_EQ(plain_error_of(alloc(4096, 0, returns_fd)), ENODEV);
        EXPECT_EQ(plain_error_of(alloc(4096, ~kBoth, returns_fd)), ENODEV);
        EXPECT_EQ(plain_error_of(alloc(0, 0, returns_fd)), EINVAL) << "the length comes first";
    }
    EXPECT_TRUE(device.state().buffers().empty());
}

TEST_F(Alloc, FailsWithTheErrorOfTheHeapTriedLast) {
    low.fail_with(EPERM);
    high.fail_with(ENOMEM);

    for (const Personality one : kPersonalities) {
        personality = one;
        const int expected = one == Personality::kMsm34 ? ENOMEM : EPERM;
        EXPECT_EQ(error_of(alloc(4096, kBoth, true)), expected) << name_of(one);
    }
    EXPECT_EQ(error_of(alloc(4096, kHigh)), ENOMEM);
}

TEST_F(Alloc, TriesHeapsInThePersonalitysOrder) {
    for (const Personality one : kWithHandles) {
        personality = one;
        EXPECT_EQ(error_of(alloc(4096, kBoth)), 0);
        EXPECT_EQ(last_heap(), one == Personality::kMsm34 ? HeapId{1} : HeapId{4}) << name_of(one);
    }
}

TEST_F(Alloc, GoesOnToTheNextHeap) {
    high.fail_with(ENOMEM);

    EXPECT_EQ(error_of(alloc(4096, ~0U)), 0);

    EXPECT_EQ(last_heap(), HeapId{1});
}

TEST_F(Alloc, WithHandlesIsUnknownToModernDrivers) {
    personality = Personality::kModern;

    EXPECT_EQ(plain_error_of(alloc(4096, ~0U)), ENOTTY);
    EXPECT_TRUE(low.calls().empty() && high.calls().empty());
}

TEST_F(Alloc, TakesBit31AsSecureOnlyWhereItIs) {
    (void)add_heap(31, 0, "top", {});
    high.set_protects_content(true);
    const std::uint32_t mask = kFlagSecure | kBoth;
    auto one_word = alloc(4096, mask);
    one_word.one_flag_word = true;

    personality = Personality::kAuto;
    EXPECT_EQ(error_of(alloc(4096, mask)), 0);
    EXPECT_EQ(last_heap(), HeapId{31});
    EXPECT_EQ(error_of(one_word), 0);
    EXPECT_EQ(last_heap(), HeapId{4});

    personality = Personality::kMsm34;
    for (const abi::Alloc& request : {alloc(4096, mask), one_word}) {
        EXPECT_EQ(error_of(request), 0);
        EXPECT_EQ(last_heap(), HeapId{4}) << "not the lowest, which is not secure";
        EXPECT_EQ(high.calls().back().request.flags, kFlagSecure) << "the heap is told";
    }
}

TEST_F(Alloc, TakesBit31OfTheFlagsAsSecureInMsm34) {
    high.set_protects_content(true);
    auto request = alloc(4096, kBoth);
    request.flags = kFlagSecure | kFlagCached;

    personality = Personality::kMsm34;
    EXPECT_EQ(error_of(request), 0);
    EXPECT_EQ(last_heap(), HeapId{4});
    EXPECT_EQ(high.calls().back().request.flags, kFlagSecure | kFlagCached);

    personality = Personality::kLegacy;
    request.heap_mask = kLow;
    EXPECT_EQ(error_of(request), 0) << "mainline has no such rule";
    EXPECT_EQ(last_heap(), HeapId{1});
}

TEST_F(Alloc, HasNoHeapForSecureMemoryWhereNoneProtectsContent) {
    for (const Personality one : kWithHandles) {
        personality = one;
        auto request = alloc(4096, kFlagSecure | kBoth);
        request.one_flag_word = true;
        EXPECT_EQ(error_of(request), ENODEV) << name_of(one);
    }
    personality = Personality::kMsm34;
    EXPECT_EQ(error_of(alloc(4096, kFlagSecure | kBoth)), ENODEV);
    EXPECT_TRUE(low.calls().empty() && high.calls().empty());
}

TEST_F(Alloc, StoresNoFlagsFromTheWordThatIsAlsoTheMask) {
    auto request = alloc(4096, kLow);
    request.flags = 3;
    EXPECT_EQ(error_of(request), 0);
    request.one_flag_word = true;
    EXPECT_EQ(error_of(request), 0);

    EXPECT_EQ(low.calls().at(0).request.flags, 3U);
    EXPECT_EQ(low.calls().at(1).request.flags, 0U);
}

TEST_F(Alloc, ByAnUnknownClientIsRefused) {
    client = ClientId{99};

    EXPECT_EQ(error_of(alloc(4096, ~0U)), EBADF);
}

TEST_F(Alloc, IsKnownToNeedAnInjectorWhenItHandsOver) {
    const auto hands_over = [](const abi::Request& request) {
        abi::Decoded decoded;
        decoded.request = request;
        return IonService::hands_over(decoded);
    };

    EXPECT_TRUE(hands_over(alloc(1, 1, true)));
    EXPECT_TRUE(hands_over(abi::Share{1}));
    EXPECT_FALSE(hands_over(alloc(1, 1, false)));
    EXPECT_FALSE(hands_over(abi::Import{1}));
    EXPECT_FALSE(hands_over(abi::ChannelAlloc{}));
}

}  // namespace
}  // namespace ion
