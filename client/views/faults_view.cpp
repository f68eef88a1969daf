// SPDX-License-Identifier: Apache-2.0

#include "client/views/faults_view.h"

#include <fmt/format.h>

namespace ion::views {
namespace {

/// Which of the calls that it is about.
std::string which(const usage::Fault& fault) {
    std::string text = fault.every == 1 ? "all" : fmt::format("1 in {}", fault.every);
    if (fault.probability < 1) {
        text += fmt::format(" with {} (seed {})", fault.probability, fault.seed);
    }
    return fault.count ? text + fmt::format(", {} times", *fault.count) : text;
}

std::string effect(const usage::Fault& fault) {
    const std::string delay = fault.delay_ms == 0 ? "" : fmt::format("{} ms late", fault.delay_ms);
    return fault.error + (fault.error.empty() || delay.empty() ? "" : ", ") + delay;
}

/// Nothing is said by null.
Json or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

}  // namespace

Table faults_table(const std::vector<usage::Fault>& faults) {
    Table table({{"FAULT"},
                 {"COMMAND"},
                 {"HEAP"},
                 {"CLIENT"},
                 {"WHICH"},
                 {"EFFECT"},
                 {"CALLS", kRight},
                 {"HITS", kRight}});
    for (const usage::Fault& fault : faults) {
        table.add({fault.name, fault.command, fault.heap, fault.client, which(fault), effect(fault),
                   std::to_string(fault.calls), std::to_string(fault.hits)});
    }
    return table;
}

Json faults_json(const std::vector<usage::Fault>& faults) {
    Json list = Json::array();
    for (const usage::Fault& fault : faults) {
        list.push_back({{"name", fault.name},
                        {"command", fault.command},
                        {"heap", or_null(fault.heap)},
                        {"client", or_null(fault.client)},
                        {"every", fault.every},
                        {"probability", fault.probability},
                        {"seed", fault.seed},
                        {"count", fault.count ? Json(*fault.count) : Json(nullptr)},
                        {"errno", or_null(fault.error)},
                        {"delay_ms", fault.delay_ms},
                        {"calls", fault.calls},
                        {"hits", fault.hits}});
    }
    return list;
}

}  // namespace ion::views
