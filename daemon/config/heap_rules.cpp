// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/heap_rules.h"

#include <map>
#include <optional>

#include "daemon/base/checked_math.h"
#include "daemon/config/limit_tables.h"

namespace ion {
namespace {

constexpr std::uint32_t kMainlineCustom = 5;  // ION_HEAP_TYPE_CUSTOM, drivers/staging/android/uapi/ion.h
constexpr std::uint32_t kMsm34Custom = 6;     // and of msm-3.4's include/linux/ion.h

/// Real dma-bufs first, the memfd that works everywhere last.
std::vector<ExporterKind> default_exporters() {
    return {ExporterKind::kUdmabuf, ExporterKind::kVgem, ExporterKind::kDmaHeap, ExporterKind::kMemfd};
}

template <typename T>
T value_or(const std::optional<Setting<T>>& setting, T otherwise) {
    return setting ? setting->value : otherwise;
}

template <typename T>
Result<void> refuse(const std::optional<Setting<T>>& setting, std::string_view key, const HeapType& type) {
    if (setting) {
        return heap_mistake(setting->where, key, "a " + std::string(type.name) + " heap has no region");
    }
    return {};
}

Result<void> check_no_region(const HeapTable& table, const HeapType& type) {
    for (const auto& refused :
         {refuse(table.base, "base", type), refuse(table.size, "size", type),
          refuse(table.align, "align", type), refuse(table.memory, "memory", type),
          refuse(table.adjacent, "adjacent", type), refuse(table.position, "position", type)}) {
        if (!refused) {
            return refused.error();
        }
    }
    return {};
}

Result<void> check_region(const HeapTable& table) {
    const HeapType& type = *table.type->value;
    if (type.region == RegionNeed::kNone) {
        return check_no_region(table, type);
    }
    if (!table.size) {
        return heap_mistake(table.where, "size", "missing; a " + std::string(type.name) + " heap needs it");
    }
    if (table.base && !checked_add(table.base->value, table.size->value)) {
        return heap_mistake(table.size->where, "size", "base + size is more than 64 bits can address");
    }
    return {};
}

/// Everybody may allocate, but where some are named nobody else.
Access access_of(const HeapTable& table) {
    const bool some = table.uids || table.gids;
    return Access{.uids = value_or(table.uids, {}),
                  .gids = value_or(table.gids, {}),
                  .mode = value_or(table.mode, some ? 0220U : 0222U)};
}

}  // namespace

Error heap_mistake(std::string_view where, std::string_view key, const std::string& problem) {
    return fail(EINVAL, std::string(where) + ": heap." + std::string(key) + ": " + problem);
}

std::string quoted(std::string_view word) {
    return "\"" + std::string(word) + "\"";
}

std::uint32_t type_number(const HeapType& type, Personality personality) {
    return personality == Personality::kMsm34 ? type.msm34_number.value_or(kMsm34Custom)
                                              : type.mainline_number.value_or(kMainlineCustom);
}

Result<HeapConfig> heap_of(const HeapTable& table, Personality personality) {
    if (!table.type) {
        return heap_mistake(table.where, "type", "missing");
    }
    if (!table.name) {
        return heap_mistake(table.where, "name", "missing");
    }
    const auto region = check_region(table);
    if (!region) {
        return region.error();
    }
    const HeapType& type = *table.type->value;
    return HeapConfig{.id = value_or(table.id, 0U),
                      .type = std::string(type.name),
                      .type_number = type_number(type, personality),
                      .name = table.name->value,
                      .base = value_or(table.base, std::uint64_t{0}),
                      .size = value_or(table.size, std::uint64_t{0}),
                      .align = value_or(table.align, kPageSize),
                      .memory = value_or(table.memory, MemoryType::kEbi),
                      .position = value_or(table.position, Position::kNone),
                      .adjacent = value_or(table.adjacent, std::string()),
                      .secured = {},
                      .exporters = value_or(table.exporters, default_exporters()),
                      .options = table.options,
                      .rules = {access_of(table), limits_of(table.limits, kNoLimits)},
                      .where = table.where};
}

Result<void> check_names(const Document& document) {
    std::map<std::string_view, std::string_view> places;
    for (const HeapTable& table : document.heaps) {
        if (!table.name) {
            continue;  // heap_of() refuses it
        }
        const auto [first, is_new] = places.emplace(table.name->value, table.name->where);
        if (!is_new) {
            return heap_mistake(table.name->where, "name",
                                quoted(table.name->value) + " is taken (" + std::string(first->second) + ")");
        }
    }
    return {};
}

Result<void> check_ids(std::span<const HeapConfig> heaps) {
    std::map<std::uint32_t, const HeapConfig*> owners;
    for (const HeapConfig& heap : heaps) {
        const auto [owner, is_new] = owners.emplace(heap.id, &heap);
        if (!is_new) {
            return heap_mistake(heap.where, "id",
                                std::to_string(heap.id) + " of " + quoted(heap.name) + " is taken by " +
                                    quoted(owner->second->name) + " (" + owner->second->where + ")");
        }
    }
    return {};
}

}  // namespace ion
