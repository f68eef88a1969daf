// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/config.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/config/document.h"
#include "daemon/config/fault_table.h"
#include "daemon/config/heap_rules.h"
#include "daemon/config/memory_windows.h"
#include "daemon/config/platform.h"
#include "daemon/config/preset.h"

namespace ion {
namespace {

/// A heap whose id may still have to be chosen.
struct Candidate {
    HeapConfig heap;
    bool has_id = true;
};

template <typename T>
void override_by(const std::optional<Setting<T>>& setting, T& value) {
    if (setting) {
        value = setting->value;
    }
}

void override_usage(const UsageTable& table, UsageConfig& usage) {
    override_by(table.layouts, usage.layouts);
    override_by(table.group, usage.group);
    override_by(table.access, usage.access);
    override_by(table.hide, usage.hide);
    override_by(table.growth, usage.growth);
}

/// What a later text says replaces what an earlier one said; what it does not say stays.
void override_by(const LimitSettings& settings, LimitSettings& limits) {
    const auto replace = [](const auto& setting, auto& amount) {
        if (setting) {
            amount = setting;
        }
    };
    for (std::size_t i = 0; i < kScopes; ++i) {
        replace(settings[i].bytes, limits[i].bytes);
        replace(settings[i].buffers, limits[i].buffers);
        replace(settings[i].handles, limits[i].handles);
    }
}

/// Replaces the heap of the same name, whose id it keeps unless it has one of its own, or adds one.
void put(Candidate candidate, std::vector<Candidate>& heaps) {
    const auto same_name = [&](const Candidate& other) { return other.heap.name == candidate.heap.name; };
    const auto old = std::ranges::find_if(heaps, same_name);
    if (old == heaps.end()) {
        heaps.push_back(std::move(candidate));
        return;
    }
    if (!candidate.has_id) {
        candidate.heap.id = old->heap.id;
        candidate.has_id = old->has_id;
    }
    *old = std::move(candidate);
}

/// Takes out the heaps that a document does without.
Result<void> leave_out(const Document& document, std::vector<Candidate>& heaps) {
    for (const Setting<std::string>& name : document.without) {
        if (std::erase_if(heaps, [&](const Candidate& one) { return one.heap.name == name.value; }) == 0) {
            return fail(EINVAL,
                        name.where + ": without: there is no heap \"" + name.value + "\" before this");
        }
    }
    return {};
}

Result<void> put_tables(const Document& document, Personality personality, std::vector<Candidate>& heaps) {
    const auto names = check_names(document);
    if (!names) {
        return names.error();
    }
    for (const HeapTable& table : document.heaps) {
        auto heap = heap_of(table, personality);
        if (!heap) {
            return heap.error();
        }
        put({*std::move(heap), table.id.has_value()}, heaps);
    }
    return {};
}

/// Gives each heap that has no id its former one, as long as nobody else wants that, or the lowest free one.
Result<void> choose_ids(std::vector<Candidate>& heaps, const HeapIds& former) {
    std::uint32_t next = 0;
    const auto taken = [&](const Candidate& other) { return other.has_id && other.heap.id == next; };
    for (Candidate& candidate : heaps) {
        const auto known = former.find(candidate.heap.name);
        if (candidate.has_id || known == former.end()) {
            continue;
        }
        next = known->second;
        if (std::ranges::none_of(heaps, taken)) {
            candidate.heap.id = next;
            candidate.has_id = true;
        }
    }
    next = 0;
    for (Candidate& candidate : heaps) {
        if (candidate.has_id) {
            continue;
        }
        while (std::ranges::any_of(heaps, taken)) {
            ++next;
        }
        if (next >= kHeapIds) {
            return heap_mistake(candidate.heap.where, "id",
                                "all " + std::to_string(kHeapIds) + " ids are taken");
        }
        candidate.heap.id = next;
        candidate.has_id = true;
    }
    return {};
}

/// Each document's tables upon those of the earlier ones.
Result<std::vector<HeapConfig>> merge_heaps(std::span<const Document> documents, Personality personality,
                                            const HeapIds& former) {
    std::vector<Candidate> candidates;
    for (const Document& document : documents) {
        const auto left_out = leave_out(document, candidates);
        if (!left_out) {
            return left_out.error();
        }
        const auto added = put_tables(document, personality, candidates);
        if (!added) {
            return added.error();
        }
    }
    const auto chosen = choose_ids(candidates, former);
    if (!chosen) {
        return chosen.error();
    }
    std::vector<HeapConfig> heaps;
    heaps.reserve(candidates.size());
    for (Candidate& candidate : candidates) {
        heaps.push_back(std::move(candidate.heap));
    }
    const auto checked = check_ids(heaps);
    if (!checked) {
        return checked.error();
    }
    return heaps;
}

Result<std::vector<HeapConfig>> placed_heaps(std::span<const Document> documents, Personality personality,
                                             const HeapIds& former) {
    const auto windows = memory_windows(documents);
    if (!windows) {
        return windows.error();
    }
    auto heaps = merge_heaps(documents, personality, former);
    if (!heaps) {
        return heaps.error();
    }
    const auto placed = place_heaps(*heaps, *windows);
    if (!placed) {
        return placed.error();
    }
    return heaps;
}

/// The documents of the texts, before them that of the preset which the last of them to say so has chosen.
Result<std::vector<Document>> read_documents(std::span<const ConfigText> texts,
                                             std::span<const HeapType> types) {
    std::vector<Document> documents(1);
    std::string preset(preset_names().front());
    for (const ConfigText& text : texts) {
        auto document = read_document(text, types);
        if (!document) {
            return document.error();
        }
        override_by(document->preset, preset);
        documents.push_back(*std::move(document));
    }
    auto base = read_document({"preset " + quoted(preset), std::string(preset_text(preset))}, types);
    if (!base) {
        return base.error();
    }
    documents.front() = *std::move(base);
    return documents;
}

}  // namespace

bool same_heap(HeapConfig a, const HeapConfig& b) {
    a.where = b.where;
    a.rules = b.rules;  // they change with the heap in place
    return a == b;
}

Result<Config> parse_config(std::span<const ConfigText> texts, std::span<const HeapType> types,
                            const HeapIds& former) {
    const auto documents = read_documents(texts, types);
    if (!documents) {
        return documents.error();
    }
    Config config;
    std::string preset_place;
    for (const Document& document : *documents) {
        override_by(document.preset, config.preset);
        override_by(document.personality, config.personality);
        override_by(document.log_level, config.log_level);
        override_usage(document.usage, config.usage);
        override_by(document.limits, config.limits);
        preset_place = document.preset ? document.preset->where : preset_place;
    }
    auto heaps = placed_heaps(*documents, config.personality, former);
    if (!heaps) {
        return heaps.error();
    }
    config.heaps = *std::move(heaps);
    auto faults = merge_faults(*documents, config.heaps);
    if (!faults) {
        return faults.error();
    }
    config.faults = *std::move(faults);
    if (config.heaps.empty()) {  // so says the text that chose the preset, or one that left heaps out
        return fail(EINVAL, (preset_place.empty() ? texts.back().name : preset_place) + ": preset: \"" +
                                config.preset + "\" has no heaps and no table adds one");
    }
    return config;
}

Result<Preface> read_preface(std::span<const ConfigText> texts) {
    Preface preface;
    for (const ConfigText& text : texts) {
        const auto document = read_preface_of(text);
        if (!document) {
            return document.error();
        }
        override_by(document->log_level, preface.log_level);
        for (const auto& plugin : document->plugins) {
            preface.plugins.push_back(plugin.value);
        }
        for (const auto& driver : document->drivers) {
            preface.drivers.push_back(driver.value);
        }
    }
    return preface;
}

}  // namespace ion
