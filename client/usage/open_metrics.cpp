// SPDX-License-Identifier: Apache-2.0

#include "client/usage/open_metrics.h"

#include <optional>

#include "client/usage/fields.h"

namespace ion::usage {
namespace {

/// Takes the text up to `end`, which it drops as well; nullopt when that is not there.
std::optional<std::string> take_until(std::string_view& rest, char end) {
    const std::size_t at = rest.find(end);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    std::string taken(rest.substr(0, at));
    rest.remove_prefix(at + 1);
    return taken;
}

/// The value of a label up to its closing quote, with \\, \" and \n resolved.
std::optional<std::string> take_quoted(std::string_view& rest) {
    std::string value;
    for (std::size_t at = 0; at < rest.size(); ++at) {
        if (rest[at] == '"') {
            rest.remove_prefix(at + 1);
            return value;
        }
        if (rest[at] == '\\' && ++at < rest.size()) {
            value += rest[at] == 'n' ? '\n' : rest[at];
        } else if (at < rest.size()) {
            value += rest[at];
        }
    }
    return std::nullopt;
}

/// What lies between braces; `rest` is what follows the opening one.
bool take_labels(std::string_view& rest, Sample& sample) {
    while (!rest.starts_with('}')) {
        auto key = take_until(rest, '=');
        if (!key || !rest.starts_with('"')) {
            return false;
        }
        rest.remove_prefix(1);
        auto value = take_quoted(rest);
        if (!value) {
            return false;
        }
        sample.labels.emplace(*std::move(key), *std::move(value));
        rest.remove_prefix(rest.starts_with(',') ? 1 : 0);
    }
    rest.remove_prefix(1);
    return true;
}

std::optional<Sample> parse_sample(std::string_view line) {
    Sample sample;
    const std::size_t name_end = line.find_first_of("{ ");
    if (name_end == 0 || name_end == std::string_view::npos) {
        return std::nullopt;
    }
    sample.name = line.substr(0, name_end);
    line.remove_prefix(name_end);
    if (line.starts_with('{')) {
        line.remove_prefix(1);
        if (!take_labels(line, sample)) {
            return std::nullopt;
        }
    }
    const auto fields = words(line);
    if (fields.size() != 1) {
        return std::nullopt;
    }
    sample.value = fields.front();
    return sample;
}

}  // namespace

std::string Sample::label(std::string_view key) const {
    const auto found = labels.find(key);
    return found == labels.end() ? std::string() : found->second;
}

Result<std::vector<Sample>> parse_metrics(std::string_view text) {
    std::vector<Sample> samples;
    std::size_t line_number = 0;
    for (const std::string_view line : lines(text)) {
        ++line_number;
        if (line == "# EOF") {
            return samples;
        }
        if (line.starts_with('#')) {
            continue;
        }
        auto sample = parse_sample(line);
        if (!sample) {
            return not_understood("metrics", line_number, "no sample");
        }
        samples.push_back(*std::move(sample));
    }
    return not_understood("metrics", line_number, "it ends without # EOF");
}

}  // namespace ion::usage
