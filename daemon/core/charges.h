// SPDX-License-Identifier: Apache-2.0
//
// Charges: what every client, user and control group holds, in each heap and in all of them.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/core/limits.h"

namespace ion {

/// A lookup is O(1) for clients and users; a control group costs a comparison of strings per level of a tree.
class Charges {
  public:
    /// Brackets the time in which a payer's client is open. Its account is kept for that time even when it is
    /// empty, so that a client which allocates and frees makes no new one each time.
    void open(const Payer& payer);
    void close(const Payer& payer);

    void add(const Payer& payer, HeapId heap, const Amounts& amounts);
    /// At most what was added.
    void remove(const Payer& payer, HeapId heap, const Amounts& amounts);

    /// What the payer's scope holds of all heaps, or of one.
    [[nodiscard]] Amounts held(Scope scope, const Payer& payer) const;
    [[nodiscard]] Amounts held(Scope scope, const Payer& payer, HeapId heap) const;

    /// Accounts that are kept; for tests.
    [[nodiscard]] std::size_t accounts() const { return clients_.size() + uids_.size() + cgroups_.size(); }

  private:
    struct Account {
        std::uint64_t open = 0;  // clients
        Amounts all;
        std::vector<std::pair<HeapId, Amounts>> heaps;
    };

    template <typename Do>
    void for_each_account(const Payer& payer, Do change);
    [[nodiscard]] const Account* find(Scope scope, const Payer& payer) const;

    std::unordered_map<std::uint64_t, Account> clients_;
    std::unordered_map<std::uint32_t, Account> uids_;
    std::map<std::string, Account, std::less<>> cgroups_;
    Account total_;
};

}  // namespace ion
