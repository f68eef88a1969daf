// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/faults.h"

#include <algorithm>
#include <utility>

namespace ion {
namespace {

FaultCaller caller_of(const Client& client) {
    const std::string name = client.name();
    return {comm_text(client.opened.comm), name, name + "-" + std::to_string(client.opened.serial)};
}

/// The heap that a rule names, if the call asks it; the whole call when it names none.
std::optional<HeapId> target_of(const FaultRule& rule, const HeapSet& heaps, std::uint32_t mask) {
    if (rule.heap.empty()) {
        return Fault::kWholeCall;
    }
    const auto heap = std::ranges::find(heaps.all(), rule.heap, &RegisteredHeap::name);
    const bool asked = heap != heaps.all().end() && (mask >> heap->id.value & 1) != 0;
    return asked ? std::optional(heap->id) : std::nullopt;
}

}  // namespace

void Faults::set(std::vector<FaultRule> rules) {
    const std::vector<FaultRule> former = std::exchange(rules_, std::move(rules));
    std::vector<std::string> restart;
    for (const auto& [name, count] : device_.state().fault_counts()) {
        const auto now = std::ranges::find(rules_, name, &FaultRule::name);
        const auto before = std::ranges::find(former, name, &FaultRule::name);
        if (now == rules_.end() || (before != former.end() && *before != *now)) {
            restart.push_back(name);
        }
    }
    for (const std::string& name : restart) {
        note(name, {});
    }
}

FaultVerdict Faults::judge(ClientId id, const FaultSubject& subject) {
    FaultVerdict verdict;
    const Client* client = rules_.empty() ? nullptr : device_.state().client(id);
    if (client == nullptr) {
        return verdict;
    }
    const FaultCaller caller = caller_of(*client);
    for (const FaultRule& rule : rules_) {
        const auto heap = target_of(rule, device_.heaps(), subject.heap_mask);
        if (!heap || !is_about(rule, subject.command, caller)) {
            continue;
        }
        FaultCount count = device_.state().fault_count(rule.name);
        const bool hit = hits_next(rule, count);
        ++count.calls;
        count.hits += hit ? 1 : 0;
        note(rule.name, count);
        if (hit && rule.error != 0) {
            verdict.faults.push_back({rule.name, rule.error, *heap});
        }
        verdict.delay_ms = std::max(verdict.delay_ms, hit ? rule.delay_ms : 0);
    }
    return verdict;
}

std::vector<FaultFigures> Faults::figures() const {
    std::vector<FaultFigures> figures;
    for (const FaultRule& rule : rules_) {
        figures.push_back({rule, device_.state().fault_count(rule.name)});
    }
    return figures;
}

/// Without room in the journal the count stays: a rule is no reason to refuse a call that it does not hit.
void Faults::note(const std::string& rule, const FaultCount& count) {
    Transaction tx;
    tx.records.emplace_back(FaultCounted{rule, count.calls, count.hits});
    (void)device_.commit(std::move(tx));
}

}  // namespace ion
