// SPDX-License-Identifier: Apache-2.0

#include "daemon/journal/request_slots.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "tests/unit/journal/journal_testing.h"

namespace ion {
namespace {

constexpr std::uint32_t kRequestLength = 56;

/// A journal, and the slots of its device session as the present worker sees them.
class Slots : public testing::Test {
  protected:
    Slots() : journal_(new_journal()), slots_(std::in_place, *journal_, SessionId::kDevice) {}

    /// What the kernel and FuseSession do for one request.
    SlotIndex arrive() {
        const SlotIndex slot = slots_->next_free().value();
        put_request(slot);
        slots_->taken(slot);
        return slot;
    }

    void put_request(SlotIndex slot) {
        std::memcpy(slots_->room(slot).data(), &kRequestLength, sizeof(kRequestLength));
    }

    void stage(SlotIndex slot, std::string_view answer) {
        slots_->stage_answer(slot, std::as_bytes(std::span(answer)));
    }

    void commit() { ASSERT_TRUE(worker().append(std::vector<Record>{TokenUsed{1}})); }

    /// The worker dies; the next one takes over.
    void die() {
        worker_ = next_worker(*journal_);
        slots_.emplace(*worker_, SessionId::kDevice);
    }

    [[nodiscard]] std::string answer(SlotIndex slot) const {
        const auto bytes = slots_->committed_answer(slot);
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

    Journal& worker() { return worker_ ? *worker_ : *journal_; }

    std::unique_ptr<Journal> journal_;  // also the keeper's mapping: never goes away
    std::unique_ptr<Journal> worker_;
    std::optional<RequestSlots> slots_;
};

TEST_F(Slots, GivesOutEachOfItsSessionsSlotsOnce) {
    RequestSlots usage(*journal_, SessionId::kUsage);
    std::set<SlotIndex> device_slots;
    while (slots_->next_free()) {
        EXPECT_TRUE(device_slots.insert(arrive()).second);
    }

    EXPECT_EQ(device_slots.size(), kSlotsOf[0]);
    EXPECT_EQ(*device_slots.rbegin(), kSlotsOf[0] - 1);
    EXPECT_TRUE(usage.occupied().empty());
    EXPECT_EQ(usage.next_free(), kSlotsOf[0]);
}

TEST_F(Slots, HandsTheSameSlotOutUntilARequestIsInIt) {
    const auto first = slots_->next_free();

    EXPECT_EQ(slots_->next_free(), first);
    EXPECT_TRUE(slots_->request(*first).empty());
    arrive();
    EXPECT_NE(slots_->next_free(), first);
    EXPECT_EQ(slots_->request(*first).size(), kRequestLength);
}

TEST_F(Slots, UseTheSlotAgainThatWasReleasedLast) {
    const SlotIndex one = arrive();
    arrive();

    slots_->release(one);

    EXPECT_EQ(slots_->next_free(), one);
}

TEST_F(Slots, AreFoundOccupiedByTheNextWorker) {
    const SlotIndex one = arrive();
    const SlotIndex two = arrive();
    const SlotIndex three = arrive();
    slots_->release(two);

    die();

    EXPECT_EQ(slots_->occupied(), (std::vector<SlotIndex>{one, three}));
    EXPECT_EQ(slots_->request(one).size(), kRequestLength);
    EXPECT_EQ(slots_->next_free(), two);
}

TEST_F(Slots, NeverGiveOutMoreThanTheyHold) {
    const SlotIndex slot = arrive();
    const std::uint32_t length = UINT32_MAX;  // not the kernel's doing

    std::memcpy(slots_->room(slot).data(), &length, sizeof(length));

    EXPECT_EQ(slots_->request(slot).size(), kRequestSize);
}

TEST_F(Slots, AnAnswerStandsOnlyAfterItsCommit) {
    const SlotIndex slot = arrive();

    stage(slot, "answer");
    EXPECT_EQ(answer(slot), "");
    commit();
    EXPECT_EQ(answer(slot), "answer");

    die();
    EXPECT_EQ(answer(slot), "answer");
}

TEST_F(Slots, AnAnswerWhoseCommitNeverCameIsNotMadeToStandByAnother) {
    const SlotIndex slot = arrive();
    commit();
    stage(slot, "never made");
    slots_->stage_send(slot, 5, 6, 7);

    worker_ = next_worker(*journal_);
    commit();  // a new worker commits before it looks at its slots
    slots_.emplace(*worker_, SessionId::kDevice);

    EXPECT_EQ(answer(slot), "");
    EXPECT_EQ(slots_->raw(slot).send_token, 0U);
    EXPECT_EQ(slots_->occupied(), std::vector<SlotIndex>{slot});
}

TEST_F(Slots, AnAnswerTakenBackDoesNotStandLater) {
    const SlotIndex slot = arrive();
    stage(slot, "refused");
    slots_->stage_send(slot, 5, 6, 7);

    slots_->unstage(slot);
    commit();

    EXPECT_EQ(answer(slot), "");
    EXPECT_EQ(slots_->raw(slot).send_buffer, 0U);
    EXPECT_EQ(slots_->raw(slot).send_token, 0U);
}

TEST_F(Slots, KeepWhatIsToBeSentWithAnAnswer) {
    const SlotIndex slot = arrive();
    stage(slot, "answer");
    slots_->stage_send(slot, 5, 6, 7);
    commit();

    die();

    EXPECT_EQ(slots_->raw(slot).send_buffer, 5U);
    EXPECT_EQ(slots_->raw(slot).send_token, 6U);
    EXPECT_EQ(slots_->raw(slot).send_channel, 7);
}

TEST_F(Slots, ASlotUsedAgainShowsNothingOfItsFormerRequest) {
    const SlotIndex slot = arrive();
    slots_->raw(slot).attempts = 1;
    stage(slot, "old");
    slots_->stage_send(slot, 5, 6, 7);
    commit();

    slots_->release(slot);
    ASSERT_EQ(arrive(), slot);

    EXPECT_EQ(answer(slot), "");
    EXPECT_EQ(slots_->raw(slot).attempts, 0U);
    EXPECT_EQ(slots_->raw(slot).send_token, 0U);
    die();
    EXPECT_EQ(answer(slot), "");
}

TEST_F(Slots, ASlotWhoseWorkerDiedReleasingItShowsNothingOfItsFormerRequest) {
    // release() frees the slot by one store and clears it after that: the worst is that nothing was cleared.
    const SlotIndex slot = arrive();
    slots_->raw(slot).attempts = 1;
    journal_->header().current_slot.store(slot + 1);
    stage(slot, "old");
    slots_->stage_send(slot, 5, 6, 7);
    commit();
    std::memset(slots_->room(slot).data(), 0, sizeof(std::uint32_t));

    die();
    ASSERT_EQ(arrive(), slot);

    EXPECT_EQ(answer(slot), "");
    EXPECT_EQ(slots_->raw(slot).attempts, 0U);
    EXPECT_EQ(slots_->raw(slot).send_token, 0U);
    die();  // before the new request was begun
    EXPECT_EQ(slots_->raw(slot).attempts, 0U);
    EXPECT_EQ(answer(slot), "");
}

TEST_F(Slots, CountAttemptsForTheRequestThatWasBeingProcessed) {
    const SlotIndex one = arrive();
    const SlotIndex other = arrive();

    journal_->header().current_slot.store(one + 1);
    die();
    EXPECT_EQ(slots_->raw(one).attempts, 1U);
    EXPECT_EQ(slots_->raw(other).attempts, 0U);

    die();  // while nothing was being processed
    EXPECT_EQ(slots_->raw(one).attempts, 1U);

    journal_->header().current_slot.store(one + 1);
    die();
    EXPECT_EQ(slots_->raw(one).attempts, 2U);
}

TEST_F(Slots, CountAttemptsInTheirOwnSessionOnly) {
    const SlotIndex usage_slot = RequestSlots(*journal_, SessionId::kUsage).next_free().value();
    put_request(usage_slot);
    journal_->header().current_slot.store(usage_slot + 1);

    die();
    EXPECT_EQ(slots_->raw(usage_slot).attempts, 0U);
    const RequestSlots usage(*worker_, SessionId::kUsage);
    EXPECT_EQ(slots_->raw(usage_slot).attempts, 1U);
}

TEST_F(Slots, SurviveAnAnswerOfImpossibleSize) {
    const SlotIndex slot = arrive();
    stage(slot, "answer");
    commit();

    slots_->raw(slot).answer_size = UINT32_MAX;

    EXPECT_EQ(slots_->committed_answer(slot).size(), kAnswerSize);
}

}  // namespace
}  // namespace ion
