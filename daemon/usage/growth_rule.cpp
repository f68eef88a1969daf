// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/growth_rule.h"

namespace ion {
namespace {

constexpr std::size_t kGoneKept = 16;

}  // namespace

void GrowthRule::begin(const State& state) {
    clients_.clear();
    for (const auto& [id, client] : state.clients()) {
        clients_[id] = {client.holdings.losses, client.holdings.total_bytes, false};
    }
}

std::uint64_t GrowthRule::growth(const Seen& seen, const Holdings& now) {
    return seen.losses != now.losses || now.total_bytes < seen.floor ? 0 : now.total_bytes - seen.floor;
}

std::vector<GrowthRule::Growth> GrowthRule::look(const State& state, const std::set<ClientId>& gained) {
    std::vector<Growth> named;
    for (const ClientId id : gained) {
        const Client* client = state.client(id);
        if (client == nullptr) {
            continue;
        }
        const Holdings& now = client->holdings;
        Seen& seen = clients_[id];
        if (seen.losses != now.losses) {
            seen.losses = now.losses;
            seen.floor = now.total_bytes;
        }
        const std::uint64_t bytes = growth(seen, now);
        if (limit_ != 0 && bytes >= limit_ && !seen.named) {
            seen.named = true;
            named.push_back({id, bytes});
        }
    }
    if (clients_.size() > 2 * state.clients().size() + kGoneKept) {
        std::erase_if(clients_, [&](const auto& one) { return state.client(one.first) == nullptr; });
    }
    return named;
}

std::map<ClientId, std::uint64_t> GrowthRule::growing(const State& state) const {
    std::map<ClientId, std::uint64_t> found;
    for (const auto& [id, seen] : clients_) {
        const Client* client = state.client(id);
        const std::uint64_t bytes = client == nullptr ? 0 : growth(seen, client->holdings);
        if (limit_ != 0 && bytes >= limit_) {
            found[id] = bytes;
        }
    }
    return found;
}

}  // namespace ion
