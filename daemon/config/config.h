// SPDX-License-Identifier: Apache-2.0
//
// Configuration: TOML text to checked values.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "heaps/memory.h"

namespace ion {

/// What cannot be told from a request's bytes (docs/abi.md, "Personality").
enum class Personality : std::uint8_t { kAuto, kLegacy, kModern, kMsm34, kLinux510 };

/// Heap ids are bit numbers of a 32-bit mask.
inline constexpr std::uint32_t kHeapIds = 32;

struct HeapConfig {
    std::uint32_t id = 0;                 ///< bit number in the caller's mask, 0..31
    std::string type;                     ///< "system", "carveout"
    std::string name;                     ///< unique; at most 31 bytes of [A-Za-z0-9_.-], not "." or ".."
    std::uint64_t base = 0;               ///< bytes; first address of the region
    std::uint64_t size = 0;               ///< bytes; of the region, 0 for system
    std::uint64_t align = 4096;           ///< bytes; a power of two, at least the page size
    std::vector<ExporterKind> exporters;  ///< in the order to try
    std::string where;                    ///< "file:line:column" of its table or the preset, for messages
};

struct Config {
    std::string preset = "aosp";
    Personality personality = Personality::kAuto;
    std::string log_level = "info";
    std::vector<HeapConfig> heaps;  ///< ascending id; never empty
};

/// The configuration used when there is no file: preset "aosp".
[[nodiscard]] Config default_config();

/// One text of a configuration. `name` stands in messages, usually its path.
struct ConfigText {
    std::string name;
    std::string text;
};

/// Checks the texts as one configuration: a later text overrides the keys of earlier ones, and its heap
/// tables replace heaps of the same name, those of the preset included. No text at all is default_config().
///
/// Errors: EINVAL for the first mistake, `context` reads "file:line:column: key: problem". Unknown keys, wrong
/// types, sizes out of range, duplicate ids and names, overlapping regions are mistakes.
[[nodiscard]] Result<Config> parse_config(std::span<const ConfigText> texts);

/// The same for a single text.
[[nodiscard]] Result<Config> parse_config(const std::string& text, const std::string& name);

}  // namespace ion
