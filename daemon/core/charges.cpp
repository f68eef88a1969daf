// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/charges.h"

#include <algorithm>

namespace ion {

namespace {

void operator+=(Amounts& sum, const Amounts& more) {
    sum.bytes += more.bytes;
    sum.buffers += more.buffers;
    sum.handles += more.handles;
}

void operator-=(Amounts& sum, const Amounts& less) {
    sum.bytes -= less.bytes;
    sum.buffers -= less.buffers;
    sum.handles -= less.handles;
}

template <typename Heaps>
auto of_heap(Heaps& heaps, HeapId heap) {
    return std::ranges::find(heaps, heap, [](const auto& one) { return one.first; });
}

template <typename Map, typename Key>
auto* value_of(Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
}

}  // namespace

/// Calls change(account) for each that the payer has, and drops those that it leaves without use.
template <typename Do>
void Charges::for_each_account(const Payer& payer, Do change) {
    const auto visit = [&](auto& map, const auto& key) {
        auto account = map.find(key);
        if (account == map.end()) {
            account = map.emplace(key, Account()).first;
        }
        change(account->second);
        if (account->second.open == 0 && account->second.all == Amounts{}) {
            map.erase(account);
        }
    };
    visit(clients_, payer.client.value);
    visit(uids_, payer.uid);
    if (!payer.cgroup.empty()) {
        visit(cgroups_, payer.cgroup);
    }
    change(total_);
}

void Charges::open(const Payer& payer) {
    for_each_account(payer, [](Account& account) { ++account.open; });
}

void Charges::close(const Payer& payer) {
    for_each_account(payer, [](Account& account) { --account.open; });
}

void Charges::add(const Payer& payer, HeapId heap, const Amounts& amounts) {
    for_each_account(payer, [&](Account& account) {
        account.all += amounts;
        auto found = of_heap(account.heaps, heap);
        if (found == account.heaps.end()) {
            found = account.heaps.insert(found, {heap, {}});
        }
        found->second += amounts;
    });
}

void Charges::remove(const Payer& payer, HeapId heap, const Amounts& amounts) {
    for_each_account(payer, [&](Account& account) {
        account.all -= amounts;
        of_heap(account.heaps, heap)->second -= amounts;
    });
}

const Charges::Account* Charges::find(Scope scope, const Payer& payer) const {
    switch (scope) {
        case Scope::kClient:
            return value_of(clients_, payer.client.value);
        case Scope::kUid:
            return value_of(uids_, payer.uid);
        case Scope::kCgroup:
            return value_of(cgroups_, payer.cgroup);
        case Scope::kTotal:
            return &total_;
    }
    return nullptr;
}

Amounts Charges::held(Scope scope, const Payer& payer) const {
    const Account* account = find(scope, payer);
    return account == nullptr ? Amounts{} : account->all;
}

Amounts Charges::held(Scope scope, const Payer& payer, HeapId heap) const {
    const Account* account = find(scope, payer);
    if (account == nullptr) {
        return {};
    }
    const auto found = of_heap(account->heaps, heap);
    return found == account->heaps.end() ? Amounts{} : found->second;
}

}  // namespace ion
