// SPDX-License-Identifier: Apache-2.0

#include "daemon/journal/request_slots.h"

#include <cassert>
#include <cstring>

namespace ion {

namespace {

std::uint32_t count_of(SessionId session) {
    return kSlotsOf[static_cast<std::uint32_t>(session)];
}

/// The first word of a request: fuse_in_header.len.
std::atomic_ref<std::uint32_t> length_word(RequestSlot& slot) {
    return std::atomic_ref<std::uint32_t>(*reinterpret_cast<std::uint32_t*>(slot.request.data()));
}

/// Nothing of a former request shows in the next one.
void forget(RequestSlot& slot) {
    slot.clear_answer();
    slot.attempts = 0;
}

}  // namespace

RequestSlots::RequestSlots(Journal& journal, SessionId session)
    : journal_(journal), first_(session == SessionId::kDevice ? 0 : kSlotsOf[0]) {
    for (SlotIndex i = first_ + count_of(session); i > first_; --i) {
        RequestSlot& slot = raw(i - 1);
        const bool was_current = journal_.header().current_slot.load() == i;
        if (was_current) {
            journal_.header().current_slot.store(0);
        }
        if (length_word(slot).load() == 0) {
            forget(slot);  // its last user may have been killed while releasing it
            free_.push_back(i - 1);
        } else if (was_current) {
            ++slot.attempts;
        }
    }
}

std::optional<SlotIndex> RequestSlots::next_free() const {
    return free_.empty() ? std::nullopt : std::optional(free_.back());
}

std::span<std::byte> RequestSlots::room(SlotIndex slot) {
    return raw(slot).request;
}

std::span<std::byte> RequestSlots::request(SlotIndex slot) {
    const std::size_t length = length_word(raw(slot)).load();
    return std::span(raw(slot).request).first(std::min(length, kRequestSize));
}

void RequestSlots::taken(SlotIndex slot) {
    (void)slot;
    free_.pop_back();
}

void RequestSlots::release(SlotIndex slot) {
    RequestSlot& entry = raw(slot);
    length_word(entry).store(0);  // first: from here on nobody will answer it again
    forget(entry);
    free_.push_back(slot);
}

void RequestSlots::unstage(SlotIndex slot) {
    raw(slot).clear_answer();
}

void RequestSlots::stage_answer(SlotIndex slot, std::span<const std::byte> answer) {
    assert(answer.size() <= kAnswerSize);
    RequestSlot& entry = raw(slot);
    std::memcpy(entry.answer.data(), answer.data(), answer.size());
    entry.answer_size = static_cast<std::uint32_t>(answer.size());
    entry.answer_commit.store(journal_.commits() + 1, std::memory_order_release);
}

void RequestSlots::stage_send(SlotIndex slot, std::uint64_t buffer, std::uint64_t token, int channel) {
    raw(slot).send_channel = channel;
    raw(slot).send_buffer = buffer;
    raw(slot).send_token = token;
}

std::span<const std::byte> RequestSlots::committed_answer(SlotIndex slot) const {
    const RequestSlot& entry = journal_.slots()[slot];
    const std::uint64_t commit = entry.answer_commit.load(std::memory_order_acquire);
    if (commit == 0 || commit > journal_.commits()) {
        return {};
    }
    return std::span(entry.answer).first(std::min<std::size_t>(entry.answer_size, kAnswerSize));
}

std::vector<SlotIndex> RequestSlots::occupied() {
    std::vector<SlotIndex> found;
    const std::uint32_t count = first_ == 0 ? kSlotsOf[0] : kSlotsOf[1];
    for (SlotIndex i = first_; i < first_ + count; ++i) {
        if (length_word(raw(i)).load() != 0) {
            found.push_back(i);
        }
    }
    return found;
}

}  // namespace ion
