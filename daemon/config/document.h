// SPDX-License-Identifier: Apache-2.0
//
// Document: one TOML text as typed settings, each with its place. Nothing is checked across settings.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/config/config.h"

namespace ion {

template <typename T>
struct Setting {
    T value{};
    std::string where;  ///< "file:line:column" of the value
};

/// One [[heap]] table; a key that it does not have is nullopt.
struct HeapTable {
    std::string where;  ///< of the table
    std::optional<Setting<std::uint32_t>> id;
    std::optional<Setting<const HeapType*>> type;  ///< borrowed from the types that read_document() was given
    std::optional<Setting<std::string>> name;
    std::optional<Setting<std::uint64_t>> base;
    std::optional<Setting<std::uint64_t>> size;
    std::optional<Setting<std::uint64_t>> align;
    std::optional<Setting<MemoryType>> memory;
    std::optional<Setting<std::string>> adjacent;
    std::optional<Setting<Position>> position;
    std::optional<Setting<std::vector<ExporterKind>>> exporters;
    std::optional<Setting<std::vector<std::uint32_t>>> uids;
    std::optional<Setting<std::vector<std::uint32_t>>> gids;
    std::optional<Setting<std::uint32_t>> mode;
    LimitSettings limits{};
    Options options;  ///< all that the type declares; the initial value where the table has none
};

/// One of [memory.ebi] and [memory.smi].
struct MemoryTable {
    std::optional<Setting<std::uint64_t>> base;
    std::optional<Setting<std::uint64_t>> size;
};

/// [usage].
struct UsageTable {
    std::optional<Setting<std::vector<UsageLayout>>> layouts;
    std::optional<Setting<std::string>> group;
    std::optional<Setting<FileAccess>> access;
    std::optional<Setting<Hide>> hide;
    std::optional<Setting<std::uint64_t>> growth;
};

/// One [[fault]] table.
struct FaultTable {
    std::string where;  ///< of the table
    FaultRule rule;
    std::optional<Setting<FaultCommand>> command;
    std::optional<Setting<std::string>> heap;
    bool off = false;  ///< takes the rule of this name away
};

struct Document {
    std::optional<Setting<std::string>> preset;
    std::optional<Setting<Personality>> personality;
    std::optional<Setting<std::string>> log_level;
    std::vector<Setting<std::string>> plugins;  ///< paths, or names of files in the plug-ins' directory
    std::vector<Setting<std::string>> drivers;  ///< the same for drivers
    std::vector<Setting<std::string>>
        without;  ///< names of heaps of earlier texts or the preset to leave out
    LimitSettings limits{};
    std::array<MemoryTable, kMemoryTypes> memory;  ///< by MemoryType
    UsageTable usage;
    std::vector<HeapTable> heaps;    ///< in the order of the text
    std::vector<FaultTable> faults;  ///< the same
};

/// Errors: EINVAL for the first mistake in the text, as parse_config() has it.
[[nodiscard]] Result<Document> read_document(const ConfigText& text, std::span<const HeapType> types);

/// Every key that a text may have, as "heap.size". What [heap.options] may have depends on the heap's type.
[[nodiscard]] std::vector<std::string> known_keys();

/// The same for `plugins`, `drivers` and `log_level` alone; whatever else there is in the text is not looked at.
[[nodiscard]] Result<Document> read_preface_of(const ConfigText& text);

}  // namespace ion
