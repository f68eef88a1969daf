// SPDX-License-Identifier: Apache-2.0
//
// Configuration: TOML text to checked values.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/core/fault_rule.h"
#include "daemon/core/limits.h"
#include "heaps/heap_type.h"
#include "heaps/option.h"

namespace ion {

/// What cannot be told from a request's bytes (docs/abi.md, "Personality").
enum class Personality : std::uint8_t { kAuto, kLegacy, kModern, kMsm34, kLinux510 };

/// Heap ids are bit numbers of a 32-bit mask.
inline constexpr std::uint32_t kHeapIds = 32;

/// The two memories of the msm boards: external bus interface and stacked memory.
enum class MemoryType : std::uint8_t { kEbi, kSmi };
inline constexpr std::size_t kMemoryTypes = 2;

/// The simulated memory of each type that heaps without a base are placed in, by MemoryType.
using MemoryWindows = std::array<PlacedRange, kMemoryTypes>;

/// Where in its memory a heap without a base is placed.
enum class Position : std::uint8_t { kNone, kLow, kMiddle, kHigh };

/// Amounts of which some may not be configured.
struct AmountSettings {
    std::optional<std::uint64_t> bytes;
    std::optional<std::uint64_t> buffers;
    std::optional<std::uint64_t> handles;
};
using LimitSettings = std::array<AmountSettings, kScopes>;

struct HeapConfig {
    std::uint32_t id = 0;                   ///< bit number in the caller's mask, 0..31
    std::string type;                       ///< HeapType::name
    std::uint32_t type_number = 0;          ///< value of enum ion_heap_type that callers see
    std::string name;                       ///< unique; at most 31 bytes of [A-Za-z0-9_.-], not "." or ".."
    std::uint64_t base = 0;                 ///< bytes; first address of the region, 0 where the type has none
    std::uint64_t size = 0;                 ///< bytes; of the region, 0 where the type has none
    std::uint64_t align = 4096;             ///< bytes; a power of two, at least the page size
    MemoryType memory = MemoryType::kEbi;   ///< where a base was or would be looked for
    Position position = Position::kNone;    ///< the same
    std::string adjacent{};                 ///< name of the heap placed right behind this one, or empty
    PlacedRange secured{};                  ///< HeapParameters::secured
    std::vector<ExporterKind> exporters{};  ///< in the order to try
    Options options{};                      ///< a value for each that the type declares
    HeapRules rules{};                      ///< who may allocate, and how much
    std::string where{};                    ///< "file:line:column" of its table, for messages

    friend bool operator==(const HeapConfig&, const HeapConfig&) = default;
};

/// Generations of usage files that can be left out.
enum class UsageLayout : std::uint8_t { kA, kB, kD };

/// Who can read usage files beside root.
enum class FileAccess : std::uint8_t { kEverybody, kGroup, kRoot };

/// Whose details are hidden from those who are neither root nor in the group.
enum class Hide : std::uint8_t { kNone, kOthers };

/// True when both are the same heap, wherever each was written and whoever may use it.
[[nodiscard]] bool same_heap(HeapConfig a, const HeapConfig& b);

/// Ids by the names of heaps.
using HeapIds = std::map<std::string, std::uint32_t>;

/// The usage mount.
struct UsageConfig {
    std::vector<UsageLayout> layouts{UsageLayout::kA, UsageLayout::kB, UsageLayout::kD};  ///< which appear
    std::string group;  ///< name or number of the files' group; empty: that of root
    FileAccess access = FileAccess::kEverybody;
    Hide hide = Hide::kNone;
    std::uint64_t growth = std::uint64_t{512}
                           << 20;  ///< bytes got without losing any that a client is named for; 0: never
    friend bool operator==(const UsageConfig&, const UsageConfig&) = default;
};

struct Config {
    std::string preset = "aosp";
    Personality personality = Personality::kAuto;
    std::string log_level = "info";
    UsageConfig usage;
    LimitSettings limits{};         ///< over all heaps
    std::vector<FaultRule> faults;  ///< in the order of their tables
    std::vector<HeapConfig> heaps;  ///< in the order of their tables, those of the preset first; never empty
};

/// One text of a configuration. `name` stands in messages, usually its path.
struct ConfigText {
    std::string name;
    std::string text;
    friend bool operator==(const ConfigText&, const ConfigText&) = default;
};

/// What must be known before the heap types are.
struct Preface {
    std::vector<std::string> plugins;  ///< of all texts, in their order
    std::vector<std::string> drivers;  ///< the same
    std::string log_level = "info";
};

/// Reads just that, and looks at nothing else of the texts. Errors: as parse_config().
[[nodiscard]] Result<Preface> read_preface(std::span<const ConfigText> texts);

/// Checks the texts as one configuration: a later text overrides the keys of earlier ones, and its heap
/// tables replace heaps of the same name, those of the preset included. No text at all is the preset "aosp".
///
/// `types`: what a heap may be; nothing of them is kept but their names. A heap without an id keeps the one that it
/// has in `former`; else it gets the lowest that is free.
///
/// Errors: EINVAL for the first mistake, `context` reads "file:line:column: key: problem". Unknown keys, wrong
/// types, values out of range, duplicate ids and names, heaps that overlap or find no room are mistakes.
[[nodiscard]] Result<Config> parse_config(std::span<const ConfigText> texts, std::span<const HeapType> types,
                                          const HeapIds& former = {});

}  // namespace ion
