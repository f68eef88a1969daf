// SPDX-License-Identifier: Apache-2.0
//
// The table from (command, caller's width, options) to a decoder; one part for each family of commands.

#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "daemon/abi/decode.h"
#include "daemon/abi/request.h"

namespace ion::abi {

/// Whose calls a row is for, where a number alone does not say what it means.
enum class Callers : std::uint8_t { kAll, kOnly32, kOnly64 };
enum class Profile : std::uint8_t { kAll, kMsmGetFlags, kNotMsmGetFlags, kNotLinux510 };

/// A decoder may rely on call.input having the size that the command declares, and leaves the generation to
/// its row.
struct CommandRow {  // NOLINT(clang-analyzer-optin.performance.Padding): in the order in which rows read
    std::uint32_t command = 0;
    Generation generation = Generation::kA;
    DecodeResult (*decode)(const Call&) = nullptr;
    bool inside_custom = false;  ///< msm's hook understands it inside CUSTOM too; no outputs
    Callers callers = Callers::kAll;
    Profile profile = Profile::kAll;
};

[[nodiscard]] std::span<const CommandRow> legacy_commands();     ///< uapi_legacy.h
[[nodiscard]] std::span<const CommandRow> modern_commands();     ///< uapi_modern.h
[[nodiscard]] std::span<const CommandRow> msm_commands();        ///< uapi_msm.h
[[nodiscard]] std::span<const CommandRow> extension_commands();  ///< uapi_extension.h

/// What keeps a decoder from going on: `ranges` have not been read yet (NeedMemory), one of them wraps around
/// (EFAULT), or `fetched` is not their answer (EINVAL). Nothing when `fetched` begins with all of them.
[[nodiscard]] std::optional<DecodeResult> obstacle(std::span<const FetchedMemory> fetched,
                                                   std::span<const MemoryRange> ranges);

}  // namespace ion::abi
