// SPDX-License-Identifier: Apache-2.0
//
// Named loggers, one for each area, all on stderr.
//
// Levels: error = an operator must act; warn = something degraded; info = start, stop, configuration;
// debug = one line for a client's request or mistake. Use SPDLOG_LOGGER_* so that the place is known.

#pragma once

#include <spdlog/spdlog.h>

namespace ion::log {

/// Sets level ("trace" .. "off") and line format for every area; call once, before threads start.
void init(const std::string& level);

/// Logger of one area ("keeper", "worker", "heap", ...). Cheap after the first call for that area.
spdlog::logger* area(const char* name);

}  // namespace ion::log

#define ION_ERROR(area_name, ...) SPDLOG_LOGGER_ERROR(::ion::log::area(area_name), __VA_ARGS__)
#define ION_WARN(area_name, ...) SPDLOG_LOGGER_WARN(::ion::log::area(area_name), __VA_ARGS__)
#define ION_INFO(area_name, ...) SPDLOG_LOGGER_INFO(::ion::log::area(area_name), __VA_ARGS__)
#define ION_DEBUG(area_name, ...) SPDLOG_LOGGER_DEBUG(::ion::log::area(area_name), __VA_ARGS__)
