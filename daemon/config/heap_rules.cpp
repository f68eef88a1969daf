// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/heap_rules.h"

#include <array>
#include <charconv>
#include <map>
#include <string>
#include <string_view>

#include "daemon/base/checked_math.h"
#include "daemon/config/preset.h"

namespace ion {
namespace {

Error mistake_at(const std::string& where, std::string_view key, const std::string& problem) {
    return fail(EINVAL, where + ": heap." + std::string(key) + ": " + problem);
}

std::string hex(std::uint64_t value) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    return "0x" + std::string(digits.data(), end);
}

std::string quoted(const std::string& word) {
    return "\"" + word + "\"";
}

/// `"name" [begin, end)`. The end does not overflow: heap_of() saw to it.
std::string region_text(const HeapConfig& heap) {
    return quoted(heap.name) + " [" + hex(heap.base) + ", " + hex(heap.base + heap.size) + ")";
}

/// A heap of a type without a region has size 0 and overlaps nothing.
bool overlap(const HeapConfig& a, const HeapConfig& b) {
    return a.size != 0 && b.size != 0 && a.base < b.base + b.size && b.base < a.base + a.size;
}

Result<void> check_region(const HeapTable& table) {
    const std::string& type = table.type->value;
    if (type == "system") {
        if (table.base) {
            return mistake_at(table.base->where, "base", "a system heap has no region");
        }
        if (table.size) {
            return mistake_at(table.size->where, "size", "a system heap has no region");
        }
        return {};
    }
    if (!table.base) {
        return mistake_at(table.where, "base", "missing; a " + type + " heap needs it");
    }
    if (!table.size) {
        return mistake_at(table.where, "size", "missing; a " + type + " heap needs it");
    }
    if (!checked_add(table.base->value, table.size->value)) {
        return mistake_at(table.size->where, "size", "base + size is more than 64 bits can address");
    }
    return {};
}

Result<void> check_pair(const HeapConfig& first, const HeapConfig& second) {
    if (first.id == second.id) {
        return mistake_at(second.where, "id",
                          std::to_string(second.id) + " of " + quoted(second.name) + " is taken by " +
                              quoted(first.name) + " (" + first.where + ")");
    }
    if (overlap(first, second)) {
        return mistake_at(second.where, "base",
                          region_text(second) + " overlaps " + region_text(first) + " (" + first.where + ")");
    }
    return {};
}

}  // namespace

Result<HeapConfig> heap_of(const HeapTable& table) {
    if (!table.type) {
        return mistake_at(table.where, "type", "missing");
    }
    if (!table.name) {
        return mistake_at(table.where, "name", "missing");
    }
    const auto region = check_region(table);
    if (!region) {
        return region.error();
    }
    HeapConfig heap;
    heap.id = table.id ? table.id->value : 0;
    heap.type = table.type->value;
    heap.name = table.name->value;
    heap.base = table.base ? table.base->value : 0;
    heap.size = table.size ? table.size->value : 0;
    heap.align = table.align ? table.align->value : kPageSize;
    heap.exporters = table.exporters ? table.exporters->value : default_exporters();
    heap.where = table.where;
    return heap;
}

Result<void> check_names(const Document& document) {
    std::map<std::string_view, std::string_view> places;
    for (const HeapTable& table : document.heaps) {
        if (!table.name) {
            continue;  // heap_of() refuses it
        }
        const auto [first, is_new] = places.emplace(table.name->value, table.name->where);
        if (!is_new) {
            return mistake_at(table.name->where, "name",
                              quoted(table.name->value) + " is taken (" + std::string(first->second) + ")");
        }
    }
    return {};
}

Result<void> check_heaps(const std::vector<HeapConfig>& heaps) {
    for (auto second = heaps.begin(); second != heaps.end(); ++second) {
        for (auto first = heaps.begin(); first != second; ++first) {
            const auto checked = check_pair(*first, *second);
            if (!checked) {
                return checked.error();
            }
        }
    }
    return {};
}

}  // namespace ion
