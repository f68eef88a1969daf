// SPDX-License-Identifier: Apache-2.0
//
// Log lines on stderr, each with its area ("keeper", "worker", "heap", ...) and level.
//
// Levels: error = an operator must act; warn = something degraded; info = start, stop, configuration;
// debug = one line for a client's request or mistake. The library behind is spdlog, known to log.cpp alone:
// including it everywhere doubles the time of a build.

#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace ion::log {

enum class Level : int { kDebug, kInfo, kWarn, kError };

/// Sets the lowest level that is shown ("trace" .. "off"). Call once, before threads start.
void init(const std::string& level);

[[nodiscard]] bool enabled(Level level);

void write(const char* area, Level level, std::string_view message);

}  // namespace ion::log

// Arguments are not evaluated for a level that is not shown.
#define ION_LOG(area, level, ...)                                                            \
    (::ion::log::enabled(level) ? ::ion::log::write(area, level, ::fmt::format(__VA_ARGS__)) \
                                : static_cast<void>(0))
#define ION_ERROR(area, ...) ION_LOG(area, ::ion::log::Level::kError, __VA_ARGS__)
#define ION_WARN(area, ...) ION_LOG(area, ::ion::log::Level::kWarn, __VA_ARGS__)
#define ION_INFO(area, ...) ION_LOG(area, ::ion::log::Level::kInfo, __VA_ARGS__)
#define ION_DEBUG(area, ...) ION_LOG(area, ::ion::log::Level::kDebug, __VA_ARGS__)
