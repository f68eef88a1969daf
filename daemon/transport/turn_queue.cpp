// SPDX-License-Identifier: Apache-2.0

#include "daemon/transport/turn_queue.h"

#include <algorithm>

namespace ion {

namespace {

/// So many owners are remembered before those without a request are looked through.
constexpr std::size_t kRemembered = 256;

}  // namespace

void TurnQueue::add(TurnOwner id, SlotIndex slot) {
    forget_idle();
    Owner& owner = owners_[id];
    owner.waiting.push_back(slot);
    ++waiting_;
    line_up(id, owner);
}

std::optional<SlotIndex> TurnQueue::next() {
    if (turns_.empty()) {
        return std::nullopt;
    }
    const Turn turn = *turns_.begin();
    turns_.erase(turns_.begin());
    round_ = turn.round;
    Owner& owner = owners_.at(turn.owner);
    const SlotIndex slot = owner.waiting.front();
    owner.waiting.pop_front();
    --waiting_;
    ++owner.in_progress;
    in_progress_[slot] = turn.owner;
    owner.next_round = turn.round + 1;
    owner.has_turn = false;
    line_up(turn.owner, owner);
    return slot;
}

void TurnQueue::finished(SlotIndex slot) {
    const auto found = in_progress_.find(slot);
    if (found == in_progress_.end()) {
        return;
    }
    const TurnOwner id = found->second;
    in_progress_.erase(found);
    Owner& owner = owners_.at(id);
    --owner.in_progress;
    line_up(id, owner);
}

void TurnQueue::line_up(TurnOwner id, Owner& owner) {
    if (!owner.has_turn && !owner.waiting.empty() && owner.in_progress < most_in_progress_) {
        owner.has_turn = true;
        turns_.insert({std::max(owner.next_round, round_), next_number_++, id});
    }
}

/// Those who would be no worse off as newcomers.
void TurnQueue::forget_idle() {
    if (owners_.size() < kRemembered) {
        return;
    }
    std::erase_if(owners_, [this](const auto& one) {
        const Owner& owner = one.second;
        return owner.in_progress == 0 && owner.waiting.empty() && owner.next_round <= round_;
    });
}

}  // namespace ion
