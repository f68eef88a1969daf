// SPDX-License-Identifier: Apache-2.0

#include "client/views/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ion::views {

std::string size_text(std::uint64_t bytes, Sizes sizes) {
    if (sizes == Sizes::kExact || bytes < 1024) {
        return std::to_string(bytes);
    }
    constexpr std::string_view kUnits = "KMGTPE";
    std::uint64_t unit = 1024;
    std::size_t at = 0;
    while (at + 1 < kUnits.size() && bytes / unit >= 1024) {
        unit *= 1024;
        ++at;
    }
    const std::uint64_t tenths = bytes % unit / (unit / 1024) * 10 / 1024;
    return fmt::format("{}.{}{}", bytes / unit, tenths, kUnits[at]);
}

std::string printable(std::string_view text) {
    std::string result;
    std::ranges::transform(text, std::back_inserter(result),
                           [](char byte) { return byte >= ' ' && byte <= '~' ? byte : '?'; });
    return result;
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : noun.ends_with('s') ? "es" : "s");
}

double fragmentation(std::uint64_t free_bytes, std::uint64_t largest_free) {
    if (free_bytes == 0 || largest_free >= free_bytes) {
        return 0;
    }
    return 1 - static_cast<double>(largest_free) / static_cast<double>(free_bytes);
}

}  // namespace ion::views
