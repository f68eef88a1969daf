// SPDX-License-Identifier: Apache-2.0

#include "client/usage/faults.h"

#include "client/usage/fields.h"

namespace ion::usage {
namespace {

std::string text_of(std::string_view value) {
    return value == "-" ? std::string() : std::string(value);
}

std::optional<Fault> parse_fault(std::string_view line) {
    auto pairs = pairs_of(line);
    const auto probability = number<double>(pairs["probability"]);
    Fault fault;
    fault.name = pairs["name"];
    fault.command = pairs["command"];
    fault.heap = text_of(pairs["heap"]);
    fault.client = text_of(pairs["client"]);
    fault.probability = probability.value_or(0);
    fault.count = number(pairs["count"]);
    fault.error = text_of(pairs["errno"]);
    bool understood = !fault.name.empty() && !fault.command.empty() && probability &&
                      (fault.count || pairs["count"] == "-");
    const auto read = [&](std::string_view key, std::uint64_t& into) {
        const auto value = number(pairs[key]);
        into = value.value_or(0);
        understood = understood && value;
    };
    read("every", fault.every);
    read("seed", fault.seed);
    read("delay_ms", fault.delay_ms);
    read("calls", fault.calls);
    read("hits", fault.hits);
    return understood ? std::optional(std::move(fault)) : std::nullopt;
}

}  // namespace

Result<std::vector<Fault>> parse_faults(std::string_view text) {
    std::vector<Fault> faults;
    std::size_t line_number = 0;
    for (const std::string_view line : lines(text)) {
        ++line_number;
        const auto rule = after(line, "fault: ");
        if (!rule && line_number == 1 && line.starts_with("faults: ")) {
            continue;
        }
        auto fault = rule ? parse_fault(*rule) : std::nullopt;
        if (!fault) {
            return not_understood("faults", line_number, line);
        }
        faults.push_back(*std::move(fault));
    }
    return faults;
}

}  // namespace ion::usage
