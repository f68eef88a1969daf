// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/value.h"

#include "daemon/config/quantity.h"

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
    const std::string where = place_of(value.file, value.node.source());
    if (const auto* number = value.node.as_integer()) {
        if (number->get() < 0) {
            return mistake(value, "must not be negative");
        }
        return Setting<std::uint64_t>{static_cast<std::uint64_t>(number->get()), where};
    }
    if (const auto* text = value.node.as_string()) {
        const auto bytes = parse_quantity(text->get());
        if (!bytes) {
            return mistake(value, bytes.error().context);
        }
        return Setting<std::uint64_t>{*bytes, where};
    }
    return mistake(value, "must be an integer or a string such as \"64M\"");
}

Result<Setting<std::uint32_t>> read_below(const Value& value, std::uint32_t limit) {
    const auto* number = value.node.as_integer();
    if (number == nullptr) {
        return mistake(value, "must be an integer");
    }
    if (number->get() < 0 || number->get() >= std::int64_t{limit}) {
        return mistake(
            value, "must be 0 to " + std::to_string(limit - 1) + ", not " + std::to_string(number->get()));
    }
    return Setting<std::uint32_t>{static_cast<std::uint32_t>(number->get()),
                                  place_of(value.file, value.node.source())};
}

}  // namespace ion
