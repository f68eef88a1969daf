// SPDX-License-Identifier: Apache-2.0
//
// GrowthRule: finds clients that allocate and never free.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "daemon/core/state.h"

namespace ion {

/// A client grows by what it has got since it last lost a buffer. It is named when that reaches a limit. Costs nothing
/// for those who get nothing. Not in the journal: in a new worker everybody begins with what they have.
class GrowthRule {
  public:
    /// What a client is named for.
    struct Growth {
        ClientId client;
        std::uint64_t bytes = 0;
    };

    /// `limit` in bytes; 0: nobody is named.
    explicit GrowthRule(std::uint64_t limit) : limit_(limit) {}

    /// What the clients have now is no growth.
    void begin(const State& state);

    /// Looks at the clients that got something (State::take_gained()). Returns those that have to be named: each client
    /// once in its life.
    std::vector<Growth> look(const State& state, const std::set<ClientId>& gained);

    /// Bytes by which each client that is at the limit or above has grown; those that lost a buffer since are absent.
    [[nodiscard]] std::map<ClientId, std::uint64_t> growing(const State& state) const;

    void set_limit(std::uint64_t limit) { limit_ = limit; }

  private:
    struct Seen {
        std::uint64_t losses = 0;
        std::uint64_t floor = 0;  // bytes that it had at its last loss
        bool named = false;
    };
    [[nodiscard]] static std::uint64_t growth(const Seen& seen, const Holdings& now);

    std::uint64_t limit_;
    std::map<ClientId, Seen> clients_;  // that ever got something; some are gone
};

}  // namespace ion
