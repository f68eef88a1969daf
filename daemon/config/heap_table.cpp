// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/heap_table.h"

#include <array>
#include <utility>

#include "daemon/base/checked_math.h"
#include "daemon/config/heap_options.h"
#include "daemon/config/limit_tables.h"
#include "daemon/config/memory_windows.h"

namespace ion {
namespace {

constexpr std::size_t kMaxNameBytes = 31;
constexpr std::string_view kNameBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

constexpr std::array<std::string_view, 4> kPositions{"none", "low", "middle", "high"};
constexpr std::array kExporters{ExporterKind::kMemfd, ExporterKind::kUdmabuf, ExporterKind::kVgem,
                                ExporterKind::kDmaHeap};

/// A table while it is read.
struct HeapReading {
    HeapTable table;
    std::span<const HeapType> types;
    const toml::table* options = nullptr;  // read last: what they may be depends on the type
};

Result<Setting<std::uint32_t>> read_id(const Value& value) {
    const auto number = read_number(value);
    if (!number) {
        return number.error();
    }
    const auto in_range = check_range(value, number->value, 0, kHeapIds - 1);
    if (!in_range) {
        return in_range.error();
    }
    return Setting<std::uint32_t>{static_cast<std::uint32_t>(number->value), number->where};
}

Result<Setting<const HeapType*>> read_type(const Value& value, std::span<const HeapType> types) {
    const auto name = read_string(value);
    if (!name) {
        return name.error();
    }
    const HeapType* const type = find_heap_type(types, name->value);
    if (type == nullptr) {
        std::vector<std::string_view> known;
        std::ranges::transform(types, std::back_inserter(known), &HeapType::name);
        return mistake(value, "unknown \"" + name->value + "\"; known are " + comma_list(known));
    }
    return Setting<const HeapType*>{type, name->where};
}

Result<Setting<std::uint64_t>> read_align(const Value& value) {
    auto bytes = read_bytes(value);
    if (bytes && (bytes->value < kPageSize || !is_power_of_two(bytes->value))) {
        return mistake(value, "must be a power of two, at least 4096, not " + std::to_string(bytes->value));
    }
    return bytes;
}

Result<Setting<std::vector<ExporterKind>>> read_exporters(const Value& value) {
    const auto* list = value.node.as_array();
    if (list == nullptr) {
        return mistake(value, "must be a list of strings");
    }
    if (list->empty()) {
        return mistake(value, "must name at least one exporter");
    }
    std::array<std::string_view, kExporters.size()> names;
    std::ranges::transform(kExporters, names.begin(), exporter_name);
    Setting<std::vector<ExporterKind>> exporters{{}, place_of(value.file, value.node.source())};
    for (const toml::node& element : *list) {
        const auto choice = read_choice(Value{element, value.file, value.key}, names);
        if (!choice) {
            return choice.error();
        }
        exporters.value.push_back(kExporters[choice->value]);
    }
    return exporters;
}

Result<void> note_options(const Value& value, HeapReading& heap) {
    const auto table = read_table_node(value);
    if (!table) {
        return table.error();
    }
    heap.options = *table;
    return {};
}

constexpr std::array<Key<HeapReading>, 15> kHeapKeys{{
    {"id", [](const Value& v, HeapReading& h) { return store(read_id(v), h.table.id); }},
    {"type", [](const Value& v, HeapReading& h) { return store(read_type(v, h.types), h.table.type); }},
    {"name", [](const Value& v, HeapReading& h) { return store(read_heap_name(v), h.table.name); }},
    {"base", [](const Value& v, HeapReading& h) { return store(read_pages(v), h.table.base); }},
    {"size", [](const Value& v, HeapReading& h) { return store(read_pages(v), h.table.size); }},
    {"align", [](const Value& v, HeapReading& h) { return store(read_align(v), h.table.align); }},
    {"memory",
     [](const Value& v, HeapReading& h) {
         return store(read_enum<MemoryType>(v, kMemoryTypeNames), h.table.memory);
     }},
    {"adjacent", [](const Value& v, HeapReading& h) { return store(read_heap_name(v), h.table.adjacent); }},
    {"position", [](const Value& v,
                    HeapReading& h) { return store(read_enum<Position>(v, kPositions), h.table.position); }},
    {"exporters", [](const Value& v, HeapReading& h) { return store(read_exporters(v), h.table.exporters); }},
    {"uids", [](const Value& v, HeapReading& h) { return store(read_ids(v), h.table.uids); }},
    {"gids", [](const Value& v, HeapReading& h) { return store(read_ids(v), h.table.gids); }},
    {"mode", [](const Value& v, HeapReading& h) { return store(read_mode(v), h.table.mode); }},
    {"limits", [](const Value& v, HeapReading& h) { return read_limits(v, true, h.table.limits); }},
    {"options", note_options},
}};

}  // namespace

/// A name becomes the name of a usage file, hence the rule.
Result<Setting<std::string>> read_heap_name(const Value& value) {
    auto name = read_string(value);
    if (!name) {
        return name;
    }
    const std::string& word = name->value;
    const bool valid = !word.empty() && word.size() <= kMaxNameBytes &&
                       word.find_first_not_of(kNameBytes) == std::string::npos && word != "." && word != "..";
    if (!valid) {
        return mistake(value, R"(must be 1 to 31 bytes of [A-Za-z0-9_.-], not "." or "..")");
    }
    return name;
}

Result<HeapTable> read_heap_table(const toml::table& table, std::string_view file,
                                  std::span<const HeapType> types) {
    HeapReading heap{.table = {}, .types = types};
    heap.table.where = place_of(file, table.source());
    const auto read = read_table<HeapReading>(table, file, "heap.", kHeapKeys, heap);
    if (!read) {
        return read.error();
    }
    if (heap.table.type) {
        auto options = read_heap_options(heap.options, file, *heap.table.type->value);
        if (!options) {
            return options.error();
        }
        heap.table.options = *std::move(options);
    }
    return std::move(heap.table);
}

std::vector<std::string> heap_keys() {
    std::vector<std::string> keys;
    for (const std::string_view name : names_of<HeapReading>(kHeapKeys)) {
        if (name != "limits") {
            keys.emplace_back(name);
            continue;
        }
        for (const std::string_view scope : limit_scopes(true)) {
            keys.push_back("limits." + std::string(scope));
        }
    }
    return keys;
}

}  // namespace ion
