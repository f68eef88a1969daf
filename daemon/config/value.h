// SPDX-License-Identifier: Apache-2.0
//
// Values of a TOML document, read as what a key wants or refused with the place and the key.

#pragma once

#include <toml++/toml.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/config/document.h"

namespace ion {

/// One value and how messages call it. Borrows from the document that is being read.
struct Value {
    const toml::node& node;
    std::string_view file;
    std::string key;  ///< "heap.size"
};

/// One key of a table and the function that reads its value into `Target`.
template <typename Target>
struct Key {
    std::string_view name;
    Result<void> (*read)(const Value& value, Target& target);
};

/// "a, b, c", for messages.
[[nodiscard]] std::string comma_list(std::span<const std::string_view> words);

/// "file:line:column".
[[nodiscard]] std::string place_of(std::string_view file, const toml::source_region& region);

/// EINVAL, "file:line:column: key: problem".
[[nodiscard]] Error mistake(const Value& value, std::string_view problem);

/// The error for a key that none of `known` is.
[[nodiscard]] Error unknown_key(const toml::key& name, std::string_view file, const std::string& prefix,
                                std::span<const std::string_view> known);

[[nodiscard]] Result<Setting<std::string>> read_string(const Value& value);

/// A string that is one of `known`, as its index there.
[[nodiscard]] Result<Setting<std::size_t>> read_choice(const Value& value,
                                                       std::span<const std::string_view> known);

/// A string that is one of `known`, whose order is that of the enumerators.
template <typename Enum>
[[nodiscard]] Result<Setting<Enum>> read_enum(const Value& value, std::span<const std::string_view> known) {
    const auto choice = read_choice(value, known);
    if (!choice) {
        return choice.error();
    }
    return Setting<Enum>{static_cast<Enum>(choice->value), choice->where};
}

/// Bytes: an integer, or a string for parse_quantity().
[[nodiscard]] Result<Setting<std::uint64_t>> read_bytes(const Value& value);

/// Bytes that are whole pages, at least one.
[[nodiscard]] Result<Setting<std::uint64_t>> read_pages(const Value& value);

/// An integer, not negative.
[[nodiscard]] Result<Setting<std::uint64_t>> read_number(const Value& value);

/// Nothing when the number that `value` was read as is in [minimum, maximum].
[[nodiscard]] Result<void> check_range(const Value& value, std::uint64_t number, std::uint64_t minimum,
                                       std::uint64_t maximum);

[[nodiscard]] Result<const toml::table*> read_table_node(const Value& value);

/// The entries of a table in the order of the document.
[[nodiscard]] std::vector<toml::table::const_iterator> entries_of(const toml::table& table);

/// What `read` gives goes into `slot`.
template <typename T>
[[nodiscard]] Result<void> store(Result<Setting<T>> read, std::optional<Setting<T>>& slot) {
    if (!read) {
        return read.error();
    }
    slot = *std::move(read);
    return {};
}

template <typename Target>
[[nodiscard]] std::vector<std::string_view> names_of(std::span<const Key<Target>> keys) {
    std::vector<std::string_view> names;
    std::ranges::transform(keys, std::back_inserter(names), &Key<Target>::name);
    return names;
}

/// Reads every key of `table` in the order of the document. `prefix` ("heap.") stands before it in messages.
template <typename Target>
[[nodiscard]] Result<void> read_table(const toml::table& table, std::string_view file,
                                      const std::string& prefix, std::span<const Key<Target>> keys,
                                      Target& target) {
    for (const auto& entry : entries_of(table)) {
        const std::string_view name = entry->first.str();
        const auto known = std::ranges::find(keys, name, &Key<Target>::name);
        if (known == keys.end()) {
            return unknown_key(entry->first, file, prefix, names_of(keys));
        }
        const auto read = known->read(Value{entry->second, file, prefix + std::string(name)}, target);
        if (!read) {
            return read.error();
        }
    }
    return {};
}

}  // namespace ion
