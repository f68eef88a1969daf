// SPDX-License-Identifier: Apache-2.0

#include "heaps/address_text.h"

#include <charconv>
#include <string>

#include "daemon/base/checked_math.h"
#include "daemon/base/quantity.h"

namespace ion {
namespace {

constexpr std::string_view kHexPrefix = "0x";

Result<std::uint64_t> parse_address(std::string_view text) {
    if (!text.starts_with(kHexPrefix)) {
        return parse_quantity(text);
    }
    const char* const end = text.data() + text.size();
    std::uint64_t address = 0;
    const auto [rest, problem] = std::from_chars(text.data() + kHexPrefix.size(), end, address, 16);
    if (problem == std::errc::result_out_of_range) {
        return fail(EOVERFLOW, "\"" + std::string(text) + "\" has more than 64 bits");
    }
    if (problem != std::errc() || rest != end) {
        return fail(EINVAL, "\"" + std::string(text) + "\" is no address");
    }
    return address;
}

Result<PlacedRange> parse_range(std::string_view text) {
    const auto plus = text.find('+');
    if (plus == std::string_view::npos) {
        return fail(EINVAL, "\"" + std::string(text) + "\" is not an address, \"+\" and a size");
    }
    const auto base = parse_address(text.substr(0, plus));
    if (!base) {
        return base.error();
    }
    const auto size = parse_address(text.substr(plus + 1));
    if (!size) {
        return size.error();
    }
    if (*size == 0 || *base % kPageSize != 0 || *size % kPageSize != 0 || !checked_add(*base, *size)) {
        return fail(EINVAL, "\"" + std::string(text) + "\" is not a range of whole pages");
    }
    return PlacedRange{.base = *base, .size = *size};
}

template <typename T>
Result<std::vector<T>> parse_list(std::string_view text, Result<T> (*parse)(std::string_view)) {
    std::vector<T> values;
    while (!text.empty()) {
        const auto comma = text.find(',');
        auto value = parse(text.substr(0, comma));
        if (!value) {
            return value.error();
        }
        values.push_back(*value);
        if (comma == text.size() - 1) {
            return fail(EINVAL, "nothing follows the last comma");
        }
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return values;
}

}  // namespace

Result<std::vector<std::uint64_t>> parse_addresses(std::string_view text) {
    return parse_list<std::uint64_t>(text, parse_address);
}

Result<std::vector<PlacedRange>> parse_ranges(std::string_view text) {
    return parse_list<PlacedRange>(text, parse_range);
}

}  // namespace ion
