// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/document.h"

#include <array>
#include <string_view>
#include <utility>

#include "daemon/base/checked_math.h"
#include "daemon/config/heap_types.h"
#include "daemon/config/preset.h"
#include "daemon/config/value.h"

namespace ion {
namespace {

constexpr std::size_t kMaxNameBytes = 31;
constexpr std::string_view kNameBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

/// In the order of enum Personality.
constexpr std::array<std::string_view, 5> kPersonalities{"auto", "legacy", "modern", "msm-3.4", "linux-5.10"};
constexpr std::array<std::string_view, 6> kLogLevels{"trace", "debug", "info", "warn", "error", "off"};
constexpr std::array kExporters{ExporterKind::kMemfd, ExporterKind::kUdmabuf, ExporterKind::kVgem,
                                ExporterKind::kDmaHeap};

template <typename T>
Result<void> store(Result<Setting<T>> read, std::optional<Setting<T>>& slot) {
    if (!read) {
        return read.error();
    }
    slot = *std::move(read);
    return {};
}

Result<Setting<std::string>> read_word_of(const Value& value, std::span<const std::string_view> known) {
    const auto choice = read_choice(value, known);
    if (!choice) {
        return choice.error();
    }
    return Setting<std::string>{std::string(known[choice->value]), choice->where};
}

Result<Setting<Personality>> read_personality(const Value& value) {
    const auto choice = read_choice(value, kPersonalities);
    if (!choice) {
        return choice.error();
    }
    return Setting<Personality>{static_cast<Personality>(choice->value), choice->where};
}

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

Result<Setting<std::uint64_t>> read_pages(const Value& value) {
    auto bytes = read_bytes(value);
    if (bytes && (bytes->value == 0 || bytes->value % kPageSize != 0)) {
        return mistake(value, "must be a multiple of 4096 above 0, not " + std::to_string(bytes->value));
    }
    return bytes;
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

constexpr std::array<Key<HeapTable>, 7> kHeapKeys{{
    {"id", [](const Value& v, HeapTable& heap) { return store(read_below(v, kHeapIds), heap.id); }},
    {"type", [](const Value& v,
                HeapTable& heap) { return store(read_word_of(v, configurable_heap_types()), heap.type); }},
    {"name", [](const Value& v, HeapTable& heap) { return store(read_heap_name(v), heap.name); }},
    {"base", [](const Value& v, HeapTable& heap) { return store(read_pages(v), heap.base); }},
    {"size", [](const Value& v, HeapTable& heap) { return store(read_pages(v), heap.size); }},
    {"align", [](const Value& v, HeapTable& heap) { return store(read_align(v), heap.align); }},
    {"exporters", [](const Value& v, HeapTable& heap) { return store(read_exporters(v), heap.exporters); }},
}};

Result<void> read_heaps(const Value& value, Document& document) {
    const auto* list = value.node.as_array();
    if (list == nullptr) {
        return mistake(value, "must be [[heap]] tables");
    }
    for (const toml::node& element : *list) {
        const auto* table = element.as_table();
        if (table == nullptr) {
            return mistake(Value{element, value.file, value.key}, "must be [[heap]] tables");
        }
        HeapTable heap;
        heap.where = place_of(value.file, table->source());
        const auto read = read_table<HeapTable>(*table, value.file, "heap.", kHeapKeys, heap);
        if (!read) {
            return read.error();
        }
        document.heaps.push_back(std::move(heap));
    }
    return {};
}

constexpr std::array<Key<Document>, 4> kTopKeys{{
    {"preset", [](const Value& v, Document& d) { return store(read_word_of(v, preset_names()), d.preset); }},
    {"personality", [](const Value& v, Document& d) { return store(read_personality(v), d.personality); }},
    {"log_level",
     [](const Value& v, Document& d) { return store(read_word_of(v, kLogLevels), d.log_level); }},
    {"heap", read_heaps},
}};

/// The one place that meets the library's exceptions: its packaged form is built with them.
Result<toml::table> parse_toml(const ConfigText& text) {
    try {
        return toml::parse(text.text, std::string_view(text.name));
    } catch (const toml::parse_error& error) {
        return fail(EINVAL, place_of(text.name, error.source()) + ": " + std::string(error.description()));
    }
}

}  // namespace

Result<Document> read_document(const ConfigText& text) {
    const auto table = parse_toml(text);
    if (!table) {
        return table.error();
    }
    Document document;
    const auto read = read_table<Document>(*table, text.name, "", kTopKeys, document);
    if (!read) {
        return read.error();
    }
    return document;
}

}  // namespace ion
