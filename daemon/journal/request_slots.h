// SPDX-License-Identifier: Apache-2.0
//
// RequestSlots: the requests of one session that were read from the kernel and not finished.
//
// The kernel copies a request straight into a slot, so there is no moment at which a request has been read and
// is not in the journal: a slot whose length word is not 0 is a request to be answered.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "daemon/journal/journal.h"

namespace ion {

/// Names a slot of the journal, any session.
using SlotIndex = std::uint32_t;

/// The loop thread only; the journal outlives it.
class RequestSlots {
  public:
    /// After Journal::replay().
    RequestSlots(Journal& journal, SessionId session);

    /// A free slot to read into; nothing when all are taken. It stays free until a request is in it.
    [[nodiscard]] std::optional<SlotIndex> next_free() const;

    /// Where the kernel's request goes.
    [[nodiscard]] std::span<std::byte> room(SlotIndex slot);

    /// The request in a slot; empty when the slot is free.
    [[nodiscard]] std::span<std::byte> request(SlotIndex slot);

    /// Notes that next_free() now holds a request.
    void taken(SlotIndex slot);

    /// The request is finished: its slot is free again.
    void release(SlotIndex slot);

    /// Prepares the answer; it stands once the next commit is made, together with it. Answers are at most
    /// kAnswerSize bytes.
    void stage_answer(SlotIndex slot, std::span<const std::byte> answer);

    /// Prepares, with the answer, a buffer to be sent through the caller's channel under `token`.
    void stage_send(SlotIndex slot, std::uint64_t buffer, std::uint64_t token, int channel);

    /// Takes a staged answer back, because its commit failed.
    void unstage(SlotIndex slot);

    /// The answer that a former worker committed for this slot; empty when it did not.
    [[nodiscard]] std::span<const std::byte> committed_answer(SlotIndex slot) const;

    [[nodiscard]] RequestSlot& raw(SlotIndex slot) { return journal_.slots()[slot]; }

    /// Slots that hold requests, lowest first: at start, what the former worker left.
    [[nodiscard]] std::vector<SlotIndex> occupied();

  private:
    Journal& journal_;
    SlotIndex first_;
    std::vector<SlotIndex> free_;  // last in, first out, so that few slots are ever touched
};

}  // namespace ion
