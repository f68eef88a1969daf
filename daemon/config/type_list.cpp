// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/type_list.h"

#include <array>
#include <variant>

#include "daemon/base/quantity.h"
#include "daemon/config/heap_rules.h"

namespace ion {
namespace {

constexpr std::array<std::string_view, 4> kKinds{"size", "integer", "boolean", "text"};  // by OptionKind

std::string number_text(const OptionSpec& spec, std::uint64_t number) {
    return spec.kind == OptionKind::kSize ? quantity_text(number) : std::to_string(number);
}

std::string initial_text(const OptionSpec& spec) {
    if (const auto* text = std::get_if<std::string_view>(&spec.initial)) {
        return quoted(*text);
    }
    if (const auto* flag = std::get_if<bool>(&spec.initial)) {
        return *flag ? "true" : "false";
    }
    return number_text(spec, std::get<std::uint64_t>(spec.initial));
}

std::string range_text(const OptionSpec& spec) {
    if (spec.kind != OptionKind::kSize && spec.kind != OptionKind::kInteger) {
        return "";
    }
    if (spec.maximum == UINT64_MAX) {
        return spec.minimum == 0 ? "" : ", at least " + number_text(spec, spec.minimum);
    }
    return ", " + number_text(spec, spec.minimum) + " to " + number_text(spec, spec.maximum);
}

/// "4 (msm-3.4: 5)".
std::string numbers_text(const HeapType& type) {
    return std::to_string(type_number(type, Personality::kAuto)) +
           " (msm-3.4: " + std::to_string(type_number(type, Personality::kMsm34)) + ")";
}

}  // namespace

std::string heap_type_list(std::span<const HeapType> types) {
    std::string list;
    for (const HeapType& type : types) {
        list += type.name;
        list += type.other_name.empty() ? "" : ", " + std::string(type.other_name);
        list += ": type number " + numbers_text(type) + "; ";
        list += type.region == RegionNeed::kRequired ? "in a region\n" : "without a region\n";
        for (const OptionSpec& spec : type.options) {
            list += "    " + std::string(spec.name) + ": " +
                    std::string(kKinds[static_cast<std::size_t>(spec.kind)]) + ", default " +
                    initial_text(spec) + range_text(spec) + ": " + std::string(spec.help) + "\n";
        }
    }
    return list;
}

}  // namespace ion
