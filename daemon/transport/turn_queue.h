// SPDX-License-Identifier: Apache-2.0
//
// TurnQueue: requests that were read and wait to be served. Those who ask take turns, so that one who asks much delays
// others by one request, not by all of its own.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "daemon/journal/request_slots.h"

namespace ion {

/// Whose request it is, as far as turns go.
using TurnOwner = std::uint64_t;

/// Start-time fair queueing (Goyal, Vin, Cheng 1996), every request being as large as any other: turns are numbered by
/// rounds, an owner has one turn in each, and one that comes after a pause is in the present round, before those who have
/// had theirs. The loop thread only.
class TurnQueue {
  public:
    /// At most `most_in_progress` requests of one owner are served at a time: they share injectors and processors.
    explicit TurnQueue(std::size_t most_in_progress) : most_in_progress_(most_in_progress) {}

    /// The request in `slot`, behind its owner's others.
    void add(TurnOwner owner, SlotIndex slot);

    /// The request to serve next, which is in progress from here on; nothing when none may be served. Of one owner the
    /// oldest.
    [[nodiscard]] std::optional<SlotIndex> next();

    /// A request is no longer in progress, or is but waits for nothing that others need. Others are ignored.
    void finished(SlotIndex slot);

    /// next() would return one.
    [[nodiscard]] bool ready() const { return !turns_.empty(); }

    /// None is left to be served, now or when others are finished.
    [[nodiscard]] bool empty() const { return waiting_ == 0; }

  private:
    struct Owner {
        std::deque<SlotIndex> waiting;
        std::size_t in_progress = 0;
        std::uint64_t next_round = 0;  // of its next turn, at the earliest
        bool has_turn = false;         // is in turns_
    };
    struct Turn {
        std::uint64_t round = 0;
        std::uint64_t number = 0;  // in the order in which they came into it
        TurnOwner owner = 0;
        auto operator<=>(const Turn&) const = default;
    };

    void line_up(TurnOwner id, Owner& owner);
    void forget_idle();

    const std::size_t most_in_progress_;
    std::unordered_map<TurnOwner, Owner> owners_;
    std::unordered_map<SlotIndex, TurnOwner> in_progress_;
    std::set<Turn> turns_;
    std::uint64_t round_ = 0;
    std::uint64_t next_number_ = 0;
    std::size_t waiting_ = 0;
};

}  // namespace ion
