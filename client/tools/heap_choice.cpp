// SPDX-License-Identifier: Apache-2.0

#include "client/tools/heap_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <vector>

#include "client/tools/heap_plugin_file.h"
#include "daemon/base/quantity.h"
#include "heaps/heap_catalog.h"

namespace {

using ion::OptionKind;

std::string names_of(std::span<const ion::HeapType> types) {
    std::vector<std::string_view> names;
    std::ranges::transform(types, std::back_inserter(names), &ion::HeapType::name);
    return fmt::format("{}", fmt::join(names, ", "));
}

ion::Result<ion::Options::Value> value_of(const ion::OptionSpec& spec, const std::string& text) {
    if (spec.kind == OptionKind::kText) {
        return ion::Options::Value(text);
    }
    if (spec.kind == OptionKind::kBoolean) {
        if (text != "true" && text != "false") {
            return ion::fail(EINVAL, fmt::format("{} is true or false, not \"{}\"", spec.name, text));
        }
        return ion::Options::Value(text == "true");
    }
    const auto number = ion::parse_quantity(text);
    if (!number || *number < spec.minimum || *number > spec.maximum) {
        return ion::fail(EINVAL, fmt::format("{} is a number from {} to {}, not \"{}\"", spec.name,
                                             spec.minimum, spec.maximum, text));
    }
    return ion::Options::Value(*number);
}

ion::Result<ion::Options> options_of(const ion::HeapType& type, std::string_view text) {
    ion::Options options = ion::initial_options(type.options);
    while (!text.empty()) {
        const std::string item(text.substr(0, text.find(',')));
        text.remove_prefix(std::min(text.size(), item.size() + 1));
        const std::string key = item.substr(0, item.find('='));
        const auto spec = std::ranges::find(type.options, key, &ion::OptionSpec::name);
        if (spec == type.options.end() || key.size() == item.size()) {
            std::vector<std::string_view> known;
            std::ranges::transform(type.options, std::back_inserter(known), &ion::OptionSpec::name);
            return ion::fail(EINVAL, fmt::format("\"{}\" is no option of {} (KEY=VALUE; it has: {})", item,
                                                 type.name, fmt::join(known, ", ")));
        }
        auto value = value_of(*spec, item.substr(key.size() + 1));
        if (!value) {
            return value.error();
        }
        options.set(key, *std::move(value));
    }
    return options;
}

bool is_path(const std::string& name) {
    return name.find('/') != std::string::npos || name.ends_with(".so");
}

}  // namespace

ion::Result<HeapChoice> choose_heap(const std::string& text) {
    const std::string head = text.substr(0, text.find(':'));
    const std::string name = head.substr(0, head.find('@'));
    std::span<const ion::HeapType> types = ion::builtin_heap_types();
    std::string wanted = name;
    if (is_path(name)) {
        const auto loaded = heap_types_of_plugin(name);
        if (!loaded) {
            return loaded.error();
        }
        types = *loaded;
        wanted = head.size() > name.size() ? head.substr(name.size() + 1) : std::string();
        if (wanted.empty() && types.size() == 1) {
            wanted = types.front().name;
        }
    }
    const ion::HeapType* type = ion::find_heap_type(types, wanted);
    if (type == nullptr) {
        return ion::fail(
            EINVAL, is_path(name)
                        ? fmt::format("{}: name one of its types as {}@TYPE: {}", text, name, names_of(types))
                        : fmt::format("no heap type \"{}\"; there are {}, and plug-ins by their path", wanted,
                                      names_of(types)));
    }
    auto options =
        options_of(*type, text.size() > head.size() ? std::string_view(text).substr(head.size() + 1)
                                                    : std::string_view());
    if (!options) {
        return ion::fail(EINVAL, text + ": " + options.error().context);
    }
    return HeapChoice{.text = text, .type = *type, .options = *std::move(options)};
}
