// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/usage_table.h"

#include <algorithm>
#include <array>

namespace ion {
namespace {

// Each in the order of its enum.
constexpr std::array<std::string_view, 3> kLayouts{"a", "b", "d"};
constexpr std::array<std::string_view, 3> kAccess{"everybody", "group", "root"};
constexpr std::array<std::string_view, 2> kHide{"none", "others"};

Result<Setting<std::vector<UsageLayout>>> read_layouts(const Value& value) {
    const auto* list = value.node.as_array();
    if (list == nullptr) {
        return mistake(value, "must be a list of strings");
    }
    Setting<std::vector<UsageLayout>> layouts{{}, place_of(value.file, value.node.source())};
    for (const toml::node& element : *list) {
        const auto layout = read_enum<UsageLayout>(Value{element, value.file, value.key}, kLayouts);
        if (!layout) {
            return layout.error();
        }
        layouts.value.push_back(layout->value);
    }
    return layouts;
}

/// A name as groupadd takes it, or a number.
Result<Setting<std::string>> read_group(const Value& value) {
    if (value.node.is_integer()) {
        const auto number = read_number(value);
        if (!number) {
            return number.error();
        }
        if (number->value >= UINT32_MAX) {
            return mistake(value, "must be less than 4294967295");
        }
        return Setting<std::string>{std::to_string(number->value), number->where};
    }
    auto name = read_string(value);
    if (name && (name->value.empty() || name->value.size() > 32)) {
        return mistake(value, "must be the name of a group, or its number");
    }
    return name;
}

constexpr std::array<Key<UsageTable>, 5> kKeys{{
    {"layouts", [](const Value& v, UsageTable& u) { return store(read_layouts(v), u.layouts); }},
    {"group", [](const Value& v, UsageTable& u) { return store(read_group(v), u.group); }},
    {"access",
     [](const Value& v, UsageTable& u) { return store(read_enum<FileAccess>(v, kAccess), u.access); }},
    {"hide", [](const Value& v, UsageTable& u) { return store(read_enum<Hide>(v, kHide), u.hide); }},
    {"growth", [](const Value& v, UsageTable& u) { return store(read_bytes(v), u.growth); }},
}};

}  // namespace

Result<void> read_usage_table(const Value& value, UsageTable& usage) {
    const auto table = read_table_node(value);
    if (!table) {
        return table.error();
    }
    return read_table<UsageTable>(**table, value.file, value.key + ".", kKeys, usage);
}

std::vector<std::string_view> usage_keys() {
    return names_of<UsageTable>(kKeys);
}

}  // namespace ion
