// SPDX-License-Identifier: Apache-2.0
//
// Log lines, each with its area ("keeper", "worker", "heap", ...) and level: ION_WARN("keeper", "worker {} ended", pid).
// They go to the journal when stderr is connected to it, with fields of their own, else to stderr.
//
// Levels: error = an operator must act; warn = something degraded; info = start, stop, configuration;
// debug = one line for a client's request or mistake. The library behind is spdlog, known to log.cpp alone:
// including it everywhere doubles the time of a build.

#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ion::log {

enum class Level : int { kDebug, kInfo, kWarn, kError };

/// What a message is about: fields of its journal entry, for `journalctl ION_HEAP=system`.
struct Subject {
    std::int32_t client_pid = 0;               ///< ION_CLIENT_PID; 0: no client's
    std::string_view heap = {};                ///< ION_HEAP; empty: no heap's
    std::optional<std::uint64_t> buffer = {};  ///< ION_BUFFER
    std::string_view id = {};  ///< MESSAGE_ID: 32 hexadecimal digits that mean this kind of event
};

// Kinds of events that somebody may want to wait for.
inline constexpr std::string_view kReadyId = "5d1f6f9e0a3c4be39f0b8a1f3f5f2c01";
inline constexpr std::string_view kWorkerReplacedId = "5d1f6f9e0a3c4be39f0b8a1f3f5f2c02";
inline constexpr std::string_view kLoopHungId = "5d1f6f9e0a3c4be39f0b8a1f3f5f2c03";
inline constexpr std::string_view kConfigurationChangedId = "5d1f6f9e0a3c4be39f0b8a1f3f5f2c04";
inline constexpr std::string_view kDeliveryRefusedId = "5d1f6f9e0a3c4be39f0b8a1f3f5f2c05";
inline constexpr std::string_view kLostId = "5d1f6f9e0a3c4be39f0b8a1f3f5f2c06";

/// Sets the lowest level that is shown ("trace" .. "off"). Call once, before threads start.
void init(const std::string& level);

[[nodiscard]] bool enabled(Level level);

void write(const char* area, Level level, std::string_view message, const Subject& about = {});

}  // namespace ion::log

// Arguments are not evaluated for a level that is not shown.
#define ION_LOG(area, level, about, ...)                                                            \
    (::ion::log::enabled(level) ? ::ion::log::write(area, level, ::fmt::format(__VA_ARGS__), about) \
                                : static_cast<void>(0))
#define ION_ERROR_ABOUT(about, area, ...) ION_LOG(area, ::ion::log::Level::kError, about, __VA_ARGS__)
#define ION_WARN_ABOUT(about, area, ...) ION_LOG(area, ::ion::log::Level::kWarn, about, __VA_ARGS__)
#define ION_INFO_ABOUT(about, area, ...) ION_LOG(area, ::ion::log::Level::kInfo, about, __VA_ARGS__)
#define ION_ERROR(area, ...) ION_ERROR_ABOUT(::ion::log::Subject{}, area, __VA_ARGS__)
#define ION_WARN(area, ...) ION_WARN_ABOUT(::ion::log::Subject{}, area, __VA_ARGS__)
#define ION_INFO(area, ...) ION_INFO_ABOUT(::ion::log::Subject{}, area, __VA_ARGS__)
#define ION_DEBUG(area, ...) ION_LOG(area, ::ion::log::Level::kDebug, ::ion::log::Subject{}, __VA_ARGS__)
