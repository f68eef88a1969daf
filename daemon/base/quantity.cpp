// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/quantity.h"

#include <charconv>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

/// Factor of a suffix; 0 for one that does not exist.
constexpr std::uint64_t factor_of(std::string_view suffix) {
    if (suffix.empty()) {
        return 1;
    }
    if (suffix == "K") {
        return std::uint64_t{1} << 10;
    }
    if (suffix == "M") {
        return std::uint64_t{1} << 20;
    }
    return suffix == "G" ? std::uint64_t{1} << 30 : 0;
}

}  // namespace

Result<std::uint64_t> parse_quantity(std::string_view text) {
    const char* const end = text.data() + text.size();
    std::uint64_t number = 0;
    const auto [rest, problem] = std::from_chars(text.data(), end, number);
    const std::uint64_t factor = factor_of({rest, static_cast<std::size_t>(end - rest)});
    if (problem == std::errc::invalid_argument || factor == 0) {
        return fail(EINVAL,
                    "\"" + std::string(text) + "\" is not a number of bytes with an optional K, M or G");
    }
    const auto bytes = checked_mul(number, factor);
    if (problem == std::errc::result_out_of_range || !bytes) {
        return fail(EOVERFLOW, "\"" + std::string(text) + "\" is more than 64 bits can count");
    }
    return *bytes;
}

std::string quantity_text(std::uint64_t bytes) {
    for (const std::string_view suffix : {"G", "M", "K"}) {
        const std::uint64_t factor = factor_of(suffix);
        if (bytes != 0 && bytes % factor == 0) {
            return std::to_string(bytes / factor) + std::string(suffix);
        }
    }
    return std::to_string(bytes);
}

}  // namespace ion
