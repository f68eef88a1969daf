// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/config.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/config/document.h"
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

/// Gives the lowest free id to each heap that has none.
Result<void> choose_ids(std::vector<Candidate>& heaps) {
    std::uint32_t next = 0;
    const auto taken = [&](const Candidate& other) { return other.has_id && other.heap.id == next; };
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
Result<std::vector<HeapConfig>> merge_heaps(std::span<const Document> documents, Personality personality) {
    std::vector<Candidate> candidates;
    for (const Document& document : documents) {
        const auto added = put_tables(document, personality, candidates);
        if (!added) {
            return added.error();
        }
    }
    const auto chosen = choose_ids(candidates);
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

Result<std::vector<HeapConfig>> placed_heaps(std::span<const Document> documents, Personality personality) {
    const auto windows = memory_windows(documents);
    if (!windows) {
        return windows.error();
    }
    auto heaps = merge_heaps(documents, personality);
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

Result<Config> parse_config(std::span<const ConfigText> texts, std::span<const HeapType> types) {
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
        preset_place = document.preset ? document.preset->where : preset_place;
    }
    auto heaps = placed_heaps(*documents, config.personality);
    if (!heaps) {
        return heaps.error();
    }
    config.heaps = *std::move(heaps);
    if (config.heaps.empty()) {  // only an explicit preset has no heaps
        return fail(EINVAL,
                    preset_place + ": preset: \"" + config.preset + "\" has no heaps and no table adds one");
    }
    return config;
}

}  // namespace ion
