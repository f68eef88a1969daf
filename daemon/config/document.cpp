// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/document.h"

#include <array>
#include <string_view>
#include <utility>

#include "daemon/config/fault_table.h"
#include "daemon/config/heap_table.h"
#include "daemon/config/limit_tables.h"
#include "daemon/config/memory_windows.h"
#include "daemon/config/preset.h"
#include "daemon/config/usage_table.h"
#include "daemon/config/value.h"

namespace ion {
namespace {

/// In the order of enum Personality.
constexpr std::array<std::string_view, 5> kPersonalities{"auto", "legacy", "modern", "msm-3.4", "linux-5.10"};
constexpr std::array<std::string_view, 6> kLogLevels{"trace", "debug", "info", "warn", "error", "off"};

/// A document while it is read.
struct Reading {
    Document document;
    std::span<const HeapType> types;
};

Result<Setting<std::string>> read_word_of(const Value& value, std::span<const std::string_view> known) {
    const auto choice = read_choice(value, known);
    if (!choice) {
        return choice.error();
    }
    return Setting<std::string>{std::string(known[choice->value]), choice->where};
}

/// Appends the strings of a list, each with its own place.
Result<void> read_words(const Value& value, std::vector<Setting<std::string>>& words) {
    const auto* list = value.node.as_array();
    if (list == nullptr) {
        return mistake(value, "must be a list of strings");
    }
    for (const toml::node& element : *list) {
        auto word = read_string(Value{element, value.file, value.key});
        if (!word) {
            return word.error();
        }
        words.push_back(*std::move(word));
    }
    return {};
}

Result<void> read_heaps(const Value& value, Reading& reading) {
    const auto* list = value.node.as_array();
    if (list == nullptr) {
        return mistake(value, "must be [[heap]] tables");
    }
    for (const toml::node& element : *list) {
        const auto* table = element.as_table();
        if (table == nullptr) {
            return mistake(Value{element, value.file, value.key}, "must be [[heap]] tables");
        }
        auto heap = read_heap_table(*table, value.file, reading.types);
        if (!heap) {
            return heap.error();
        }
        reading.document.heaps.push_back(*std::move(heap));
    }
    return {};
}

constexpr std::array<Key<MemoryTable>, 2> kWindowKeys{{
    {"base", [](const Value& v, MemoryTable& m) { return store(read_pages(v), m.base); }},
    {"size", [](const Value& v, MemoryTable& m) { return store(read_pages(v), m.size); }},
}};

template <MemoryType type>
Result<void> read_window(const Value& value, Document& document) {
    const auto table = read_table_node(value);
    if (!table) {
        return table.error();
    }
    return read_table<MemoryTable>(**table, value.file, value.key + ".", kWindowKeys,
                                   document.memory[static_cast<std::size_t>(type)]);
}

/// Named as in kMemoryTypeNames.
constexpr std::array<Key<Document>, kMemoryTypes> kMemoryKeys{{
    {kMemoryTypeNames[0], read_window<MemoryType::kEbi>},
    {kMemoryTypeNames[1], read_window<MemoryType::kSmi>},
}};

Result<void> read_memory(const Value& value, Reading& reading) {
    const auto table = read_table_node(value);
    if (!table) {
        return table.error();
    }
    return read_table<Document>(**table, value.file, "memory.", kMemoryKeys, reading.document);
}

Result<void> read_faults(const Value& value, Reading& reading) {
    auto tables = read_fault_tables(value);
    if (!tables) {
        return tables.error();
    }
    reading.document.faults = *std::move(tables);
    return {};
}

constexpr std::array<Key<Reading>, 11> kTopKeys{{
    {"preset",
     [](const Value& v, Reading& r) { return store(read_word_of(v, preset_names()), r.document.preset); }},
    {"personality",
     [](const Value& v, Reading& r) {
         return store(read_enum<Personality>(v, kPersonalities), r.document.personality);
     }},
    {"log_level",
     [](const Value& v, Reading& r) { return store(read_word_of(v, kLogLevels), r.document.log_level); }},
    {"plugins", [](const Value& v, Reading& r) { return read_words(v, r.document.plugins); }},
    {"drivers", [](const Value& v, Reading& r) { return read_words(v, r.document.drivers); }},
    {"without", [](const Value& v, Reading& r) { return read_words(v, r.document.without); }},
    {"limits", [](const Value& v, Reading& r) { return read_limits(v, false, r.document.limits); }},
    {"memory", read_memory},
    {"usage", [](const Value& v, Reading& r) { return read_usage_table(v, r.document.usage); }},
    {"heap", read_heaps},
    {"fault", read_faults},
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

Result<Document> read_document(const ConfigText& text, std::span<const HeapType> types) {
    const auto table = parse_toml(text);
    if (!table) {
        return table.error();
    }
    Reading reading{.document = {}, .types = types};
    const auto read = read_table<Reading>(*table, text.name, "", kTopKeys, reading);
    if (!read) {
        return read.error();
    }
    return std::move(reading.document);
}

std::vector<std::string> known_keys() {
    std::vector<std::string> keys;
    const auto add = [&](const std::string& prefix, const auto& names) {
        for (const auto& name : names) {
            keys.push_back(prefix + std::string(name));
        }
    };
    for (const std::string_view name : names_of<Reading>(kTopKeys)) {
        if (name == "heap") {
            add("heap.", heap_keys());
        } else if (name == "fault") {
            add("fault.", fault_keys());
        } else if (name == "usage") {
            add("usage.", usage_keys());
        } else if (name == "limits") {
            add("limits.", limit_scopes(false));
        } else if (name == "memory") {
            for (const std::string_view memory : kMemoryTypeNames) {
                add("memory." + std::string(memory) + ".", names_of<MemoryTable>(kWindowKeys));
            }
        } else {
            keys.emplace_back(name);
        }
    }
    return keys;
}

Result<Document> read_preface_of(const ConfigText& text) {
    const auto table = parse_toml(text);
    if (!table) {
        return table.error();
    }
    Reading reading{.document = {}, .types = {}};
    for (const Key<Reading>& key : kTopKeys) {
        const toml::node* node = table->get(key.name);
        if (node == nullptr || (key.name != "plugins" && key.name != "drivers" && key.name != "log_level")) {
            continue;
        }
        if (auto read = key.read(Value{*node, text.name, std::string(key.name)}, reading); !read) {
            return read.error();
        }
    }
    return std::move(reading.document);
}

}  // namespace ion
