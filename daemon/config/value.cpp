// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/value.h"

#include "daemon/base/checked_math.h"
#include "daemon/base/quantity.h"

namespace ion {

std::string comma_list(std::span<const std::string_view> words) {
    std::string list;
    for (const std::string_view word : words) {
        list += list.empty() ? "" : ", ";
        list += word;
    }
    return list;
}

std::string place_of(std::string_view file, const toml::source_region& region) {
    return std::string(file) + ":" + std::to_string(region.begin.line) + ":" +
           std::to_string(region.begin.column);
}

Error mistake(const Value& value, std::string_view problem) {
    return fail(EINVAL,
                place_of(value.file, value.node.source()) + ": " + value.key + ": " + std::string(problem));
}

Error unknown_key(const toml::key& name, std::string_view file, const std::string& prefix,
                  std::span<const std::string_view> known) {
    return fail(EINVAL, place_of(file, name.source()) + ": " + prefix + std::string(name.str()) +
                            ": unknown key; known are " + comma_list(known));
}

Result<Setting<std::string>> read_string(const Value& value) {
    const auto* text = value.node.as_string();
    if (text == nullptr) {
        return mistake(value, "must be a string");
    }
    return Setting<std::string>{text->get(), place_of(value.file, value.node.source())};
}

Result<Setting<std::size_t>> read_choice(const Value& value, std::span<const std::string_view> known) {
    const auto word = read_string(value);
    if (!word) {
        return word.error();
    }
    const auto found = std::ranges::find(known, word->value);
    if (found == known.end()) {
        return mistake(value, "unknown \"" + word->value + "\"; known are " + comma_list(known));
    }
    return Setting<std::size_t>{static_cast<std::size_t>(found - known.begin()), word->where};
}

Result<Setting<std::uint64_t>> read_bytes(const Value& value) {
    if (value.node.is_integer()) {
        return read_number(value);
    }
    if (const auto* text = value.node.as_string()) {
        const auto bytes = parse_quantity(text->get());
        if (!bytes) {
            return mistake(value, bytes.error().context);
        }
        return Setting<std::uint64_t>{*bytes, place_of(value.file, value.node.source())};
    }
    return mistake(value, "must be an integer or a string such as \"64M\"");
}

Result<Setting<std::uint64_t>> read_pages(const Value& value) {
    auto bytes = read_bytes(value);
    if (bytes && (bytes->value == 0 || bytes->value % kPageSize != 0)) {
        return mistake(value, "must be a multiple of 4096 above 0, not " + std::to_string(bytes->value));
    }
    return bytes;
}

Result<Setting<std::uint64_t>> read_number(const Value& value) {
    const auto* number = value.node.as_integer();
    if (number == nullptr) {
        return mistake(value, "must be an integer");
    }
    if (number->get() < 0) {
        return mistake(value, "must not be negative");
    }
    return Setting<std::uint64_t>{static_cast<std::uint64_t>(number->get()),
                                  place_of(value.file, value.node.source())};
}

Result<void> check_range(const Value& value, std::uint64_t number, std::uint64_t minimum,
                         std::uint64_t maximum) {
    if (number >= minimum && number <= maximum) {
        return {};
    }
    const std::string range = maximum == UINT64_MAX
                                  ? "at least " + std::to_string(minimum)
                                  : std::to_string(minimum) + " to " + std::to_string(maximum);
    return mistake(value, "must be " + range + ", not " + std::to_string(number));
}

Result<const toml::table*> read_table_node(const Value& value) {
    const auto* table = value.node.as_table();
    if (table == nullptr) {
        return mistake(value, "must be a table");
    }
    return table;
}

std::vector<toml::table::const_iterator> entries_of(const toml::table& table) {
    std::vector<toml::table::const_iterator> entries;
    for (auto entry = table.begin(); entry != table.end(); ++entry) {
        entries.push_back(entry);
    }
    std::ranges::sort(entries, [](const auto& a, const auto& b) {
        return a->first.source().begin < b->first.source().begin;
    });
    return entries;
}

}  // namespace ion
