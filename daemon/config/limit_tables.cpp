// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/limit_tables.h"

#include <charconv>

#include "daemon/core/limit_check.h"

namespace ion {
namespace {

constexpr std::string_view kNone = "none";

/// A number above 0, or "none".
Result<void> read_amount(const Value& value, bool is_bytes, std::optional<std::uint64_t>& amount) {
    if (const auto* text = value.node.as_string(); text != nullptr && text->get() == kNone) {
        amount = kUnlimited;
        return {};
    }
    const auto number = is_bytes ? read_bytes(value) : read_number(value);
    if (!number) {
        return mistake(value, is_bytes ? "must be bytes, such as \"64M\", or \"none\""
                                       : "must be a number above 0, or \"none\"");
    }
    if (auto in_range = check_range(value, number->value, 1, UINT64_MAX); !in_range) {
        return in_range.error();
    }
    amount = number->value;
    return {};
}

constexpr std::array<Key<AmountSettings>, 3> kAmountKeys{{
    {"bytes", [](const Value& v, AmountSettings& a) { return read_amount(v, true, a.bytes); }},
    {"buffers", [](const Value& v, AmountSettings& a) { return read_amount(v, false, a.buffers); }},
    {"handles", [](const Value& v, AmountSettings& a) { return read_amount(v, false, a.handles); }},
}};

template <Scope scope>
Result<void> read_scope(const Value& value, LimitSettings& limits) {
    const auto table = read_table_node(value);
    if (!table) {
        return table.error();
    }
    return read_table<AmountSettings>(**table, value.file, value.key + ".", kAmountKeys,
                                      limits[static_cast<std::size_t>(scope)]);
}

/// Named as by scope_name(). The last one is of heaps alone.
constexpr std::array<Key<LimitSettings>, kScopes> kScopeKeys{{
    {"client", read_scope<Scope::kClient>},
    {"uid", read_scope<Scope::kUid>},
    {"cgroup", read_scope<Scope::kCgroup>},
    {"total", read_scope<Scope::kTotal>},
}};

std::span<const Key<LimitSettings>> scope_keys(bool per_heap) {
    return std::span(kScopeKeys).first(per_heap ? kScopes : kScopes - 1);
}

}  // namespace

Result<void> read_limits(const Value& value, bool per_heap, LimitSettings& limits) {
    const auto table = read_table_node(value);
    if (!table) {
        return table.error();
    }
    return read_table<LimitSettings>(**table, value.file, value.key + ".", scope_keys(per_heap), limits);
}

Result<Setting<std::vector<std::uint32_t>>> read_ids(const Value& value) {
    const auto* list = value.node.as_array();
    if (list == nullptr) {
        return mistake(value, "must be a list of ids, such as [0, 1000]");
    }
    Setting<std::vector<std::uint32_t>> ids{{}, place_of(value.file, value.node.source())};
    for (const toml::node& element : *list) {
        const Value one{element, value.file, value.key};
        const auto number = read_number(one);
        if (!number) {
            return number.error();
        }
        if (auto in_range = check_range(one, number->value, 0, UINT32_MAX - 1); !in_range) {
            return in_range.error();
        }
        ids.value.push_back(static_cast<std::uint32_t>(number->value));
    }
    return ids;
}

Result<Setting<std::uint32_t>> read_mode(const Value& value) {
    const auto text = read_string(value);
    if (!text) {
        return text.error();
    }
    std::uint32_t mode = 0;
    const char* const end = text->value.data() + text->value.size();
    const auto [rest, error] = std::from_chars(text->value.data(), end, mode, 8);
    if (error != std::errc() || rest != end || (mode & ~0222U) != 0) {
        return mistake(value, R"(must be octal and of write bits alone, such as "0220")");
    }
    return Setting<std::uint32_t>{mode, text->where};
}

std::vector<std::string_view> limit_scopes(bool per_heap) {
    return names_of<LimitSettings>(scope_keys(per_heap));
}

Limits limits_of(const LimitSettings& settings, const Limits& otherwise) {
    Limits limits;
    for (std::size_t i = 0; i < kScopes; ++i) {
        limits[i] = {settings[i].bytes.value_or(otherwise[i].bytes),
                     settings[i].buffers.value_or(otherwise[i].buffers),
                     settings[i].handles.value_or(otherwise[i].handles)};
    }
    return limits;
}

}  // namespace ion
