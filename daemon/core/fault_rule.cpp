// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/fault_rule.h"

#include <fnmatch.h>

namespace ion {
namespace {

bool fits(const std::string& pattern, const std::string& text) {
    return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

/// Evenly spread over [0, 1) and unlike its neighbours: SplitMix64's output function (Steele, Lea, Flood 2014).
double spread(std::uint64_t seed, std::uint64_t number) {
    std::uint64_t bits = seed + number * 0x9E3779B97F4A7C15;
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB;
    bits ^= bits >> 31;
    return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace

bool is_about(const FaultRule& rule, FaultCommand command, const FaultCaller& caller) {
    if (rule.command != FaultCommand::kAny && rule.command != command) {
        return false;
    }
    return rule.client.empty() || fits(rule.client, caller.comm) || fits(rule.client, caller.pid) ||
           fits(rule.client, caller.name);
}

bool hits_next(const FaultRule& rule, const FaultCount& before) {
    const std::uint64_t number = before.calls + 1;
    return (rule.count == 0 || before.hits < rule.count) && number % rule.every == 0 &&
           spread(rule.seed, number) < rule.probability;
}

}  // namespace ion
