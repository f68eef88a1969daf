// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/render_faults.h"

#include <fmt/format.h>

#include "daemon/usage/errno_name.h"

namespace ion {
namespace {

std::string word_or_dash(const std::string& word) {
    return word.empty() ? "-" : word;
}

}  // namespace

std::string render_faults(const Snapshot& snapshot) {
    std::string text = fmt::format("faults: {}\n", snapshot.faults.size());
    for (const auto& [rule, count] : snapshot.faults) {
        text += fmt::format(
            "fault: name={} command={} heap={} client={} every={} probability={} seed={} count={} errno={} "
            "delay_ms={} calls={} hits={}\n",
            rule.name, kFaultCommandNames[static_cast<std::size_t>(rule.command)], word_or_dash(rule.heap),
            word_or_dash(rule.client), rule.every, rule.probability, rule.seed,
            rule.count == 0 ? "-" : std::to_string(rule.count),
            rule.error == 0 ? "-" : errno_name(rule.error), rule.delay_ms, count.calls, count.hits);
    }
    return text;
}

}  // namespace ion
