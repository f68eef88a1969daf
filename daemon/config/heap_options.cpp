// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/heap_options.h"

namespace ion {
namespace {

const std::string kPrefix = "heap.options.";

Result<Options::Value> read_in_range(const Value& value, const OptionSpec& spec,
                                     const Result<Setting<std::uint64_t>>& number) {
    if (!number) {
        return number.error();
    }
    const auto in_range = check_range(value, number->value, spec.minimum, spec.maximum);
    if (!in_range) {
        return in_range.error();
    }
    return Options::Value(number->value);
}

Result<Options::Value> read_flag(const Value& value) {
    const auto* flag = value.node.as_boolean();
    if (flag == nullptr) {
        return mistake(value, "must be true or false");
    }
    return Options::Value(flag->get());
}

Result<Options::Value> read_option(const Value& value, const OptionSpec& spec) {
    switch (spec.kind) {
        case OptionKind::kSize:
            return read_in_range(value, spec, read_bytes(value));
        case OptionKind::kInteger:
            return read_in_range(value, spec, read_number(value));
        case OptionKind::kBoolean:
            return read_flag(value);
        case OptionKind::kText:
            break;
    }
    auto text = read_string(value);
    if (!text) {
        return text.error();
    }
    return Options::Value(std::move(text->value));
}

/// A type without options gets a clearer word than an empty list.
Error unknown_option(const toml::key& name, std::string_view file, const HeapType& type) {
    if (type.options.empty()) {
        return fail(EINVAL, place_of(file, name.source()) + ": " + kPrefix + std::string(name.str()) +
                                ": a " + std::string(type.name) + " heap has no options");
    }
    std::vector<std::string_view> known;
    std::ranges::transform(type.options, std::back_inserter(known), &OptionSpec::name);
    return unknown_key(name, file, kPrefix, known);
}

}  // namespace

Result<Options> read_heap_options(const toml::table* table, std::string_view file, const HeapType& type) {
    Options options = initial_options(type.options);
    if (table == nullptr) {
        return options;
    }
    for (const auto& entry : entries_of(*table)) {
        const std::string name(entry->first.str());
        const auto spec = std::ranges::find(type.options, name, &OptionSpec::name);
        if (spec == type.options.end()) {
            return unknown_option(entry->first, file, type);
        }
        auto value = read_option(Value{entry->second, file, kPrefix + name}, *spec);
        if (!value) {
            return value.error();
        }
        options.set(name, *std::move(value));
    }
    return options;
}

}  // namespace ion
