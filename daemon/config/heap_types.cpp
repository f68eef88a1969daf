// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/heap_types.h"

#include <algorithm>
#include <array>

namespace ion {
namespace {

struct TypeNumber {
    std::string_view type;
    std::optional<std::uint32_t> mainline;
    std::optional<std::uint32_t> msm34;
};

constexpr std::array<TypeNumber, 9> kTypeNumbers{{
    {"system", 0, 0},
    {"system_contig", 1, 1},
    {"carveout", 2, 2},
    {"chunk", 3, std::nullopt},
    {"iommu", std::nullopt, 3},
    {"cp", std::nullopt, 4},
    {"dma", 4, 5},
    {"cma", 4, 5},  // the configuration's other word for a DMA heap
    {"custom", 5, 6},
}};

constexpr std::array<std::string_view, 2> kConfigurable{"system", "carveout"};

}  // namespace

std::span<const std::string_view> configurable_heap_types() {
    return kConfigurable;
}

std::optional<std::uint32_t> heap_type_number(std::string_view type, Personality personality) {
    const auto* row = std::ranges::find(kTypeNumbers, type, &TypeNumber::type);
    if (row == kTypeNumbers.end()) {
        return std::nullopt;
    }
    return personality == Personality::kMsm34 ? row->msm34 : row->mainline;
}

}  // namespace ion
