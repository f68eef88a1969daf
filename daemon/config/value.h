// SPDX-License-Identifier: Apache-2.0
//
// Values of a TOML document, read as what a key wants or refused with the place and the key.

#pragma once

#include <toml++/toml.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
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

[[nodiscard]] Result<Setting<std::string>> read_string(const Value& value);

/// A string that is one of `known`, as its index there.
[[nodiscard]] Result<Setting<std::size_t>> read_choice(const Value& value,
                                                       std::span<const std::string_view> known);

/// Bytes: an integer, or a string for parse_quantity().
[[nodiscard]] Result<Setting<std::uint64_t>> read_bytes(const Value& value);

/// An integer in [0, limit).
[[nodiscard]] Result<Setting<std::uint32_t>> read_below(const Value& value, std::uint32_t limit);

/// Reads every key of `table` in the order of the document. `prefix` ("heap.") stands before it in messages.
template <typename Target>
[[nodiscard]] Result<void> read_table(const toml::table& table, std::string_view file,
                                      const std::string& prefix, std::span<const Key<Target>> keys,
                                      Target& target) {
    std::vector<toml::table::const_iterator> entries;
    for (auto entry = table.begin(); entry != table.end(); ++entry) {
        entries.push_back(entry);
    }
    std::ranges::sort(entries, [](const auto& a, const auto& b) {
        return a->first.source().begin < b->first.source().begin;
    });
    for (const auto& entry : entries) {
        const std::string_view name = entry->first.str();
        const auto known = std::ranges::find(keys, name, &Key<Target>::name);
        if (known == keys.end()) {
            std::vector<std::string_view> names;
            std::ranges::transform(keys, std::back_inserter(names), &Key<Target>::name);
            return fail(EINVAL, place_of(file, entry->first.source()) + ": " + prefix + std::string(name) +
                                    ": unknown key; known are " + comma_list(names));
        }
        const auto read = known->read(Value{entry->second, file, prefix + std::string(name)}, target);
        if (!read) {
            return read.error();
        }
    }
    return {};
}

}  // namespace ion
