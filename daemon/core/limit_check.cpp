// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/limit_check.h"

#include "daemon/base/quantity.h"

namespace ion {

namespace {

struct Kind {
    std::string_view name;
    std::uint64_t Amounts::*amount;
    bool is_bytes = false;
};

constexpr std::array<Kind, 3> kKinds{{
    {"bytes", &Amounts::bytes, true},
    {"buffers", &Amounts::buffers},
    {"handles", &Amounts::handles},
}};

std::string text_of(const Kind& kind, std::uint64_t amount) {
    return kind.is_bytes ? quantity_text(amount) : std::to_string(amount);
}

/// `held(scope)` is what there is already.
template <typename Held>
Result<void> check(std::string_view prefix, const Limits& limits, const Amounts& more, Held held) {
    for (std::size_t i = 0; i < kScopes; ++i) {
        const auto scope = static_cast<Scope>(i);
        if (limits[i] == kNoLimit) {
            continue;
        }
        const Amounts has = held(scope);
        for (const Kind& kind : kKinds) {
            const std::uint64_t most = limits[i].*kind.amount;
            const std::uint64_t asked = more.*kind.amount;
            if (asked != 0 && (has.*kind.amount > most || asked > most - has.*kind.amount)) {
                return fail(ENOMEM, std::string(prefix) + std::string(scope_name(scope)) + "." +
                                        std::string(kind.name) + " is " + text_of(kind, most) + ": " +
                                        text_of(kind, has.*kind.amount) + " held, " + text_of(kind, asked) +
                                        " asked");
            }
        }
    }
    return {};
}

}  // namespace

std::string_view scope_name(Scope scope) {
    constexpr std::array<std::string_view, kScopes> kNames{"client", "uid", "cgroup", "total"};
    return kNames[static_cast<std::size_t>(scope)];
}

Result<void> check_limits(const Limits& limits, const Charges& charges, const Payer& payer,
                          const Amounts& more) {
    return check("limits.", limits, more, [&](Scope scope) { return charges.held(scope, payer); });
}

Result<void> check_heap_limits(const Limits& limits, const Charges& charges, const Payer& payer, HeapId heap,
                               const Amounts& more) {
    return check("heap.limits.", limits, more, [&](Scope scope) { return charges.held(scope, payer, heap); });
}

}  // namespace ion
