// SPDX-License-Identifier: Apache-2.0
//
// HeapType: what a configuration can name as `type`, and how such a heap is made.

#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/heap.h"
#include "heaps/option.h"

namespace ion {

class Scrubber;

/// What a heap is made from; a type ignores what it has no use for. Sizes and addresses in bytes.
struct HeapParameters {
    std::uint32_t id = 0;
    std::string name{};
    std::uint64_t base = 0;
    std::uint64_t size = 0;
    std::uint64_t align = 4096;
    PlacedRange secured{};  ///< what protecting the heap covers: its region and that of an adjacent heap
    std::vector<ExporterKind> exporters{};  ///< in the order to try
    Options options{};                      ///< a value for each of HeapType::options
    std::uint64_t total_ram = 0;            ///< of the machine
    bool generation_a = false;              ///< failures carry generation A's errno where it differs
    Scrubber* scrubber = nullptr;           ///< outlives the heap; without one nothing is pooled
    UniqueFd arena{};                       ///< Heap::arena_fd() in an earlier worker, or nothing
};

/// Whether heaps of a type lie in a region of addresses (`base`, `size`).
enum class RegionNeed : std::uint8_t { kNone, kRequired };

struct HeapType {
    std::string_view name;          ///< as in the configuration
    std::string_view other_name{};  ///< means the same there; empty: there is none
    /// Value of enum ion_heap_type: mainline 3.14 to 5.10; msm-3.4's header. Nothing where that ABI has no such
    /// type; callers then see its CUSTOM.
    std::optional<std::uint32_t> mainline_number{};
    std::optional<std::uint32_t> msm34_number{};
    RegionNeed region = RegionNeed::kNone;
    std::span<const OptionSpec> options{};

    /// Errors: EINVAL for parameters that cannot be; what opening exporters and arena gives.
    Result<std::unique_ptr<Heap>> (*make)(HeapParameters parameters) = nullptr;
};

/// The type with this name or other name. Null when there is none.
[[nodiscard]] inline const HeapType* find_heap_type(std::span<const HeapType> types, std::string_view name) {
    const auto is_named = [&](const HeapType& type) {
        return type.name == name || (!name.empty() && type.other_name == name);
    };
    const auto found = std::ranges::find_if(types, is_named);
    return found == types.end() ? nullptr : &*found;
}

}  // namespace ion
