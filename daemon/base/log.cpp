// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace ion::log {

namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::kDebug:
            return spdlog::level::debug;
        case Level::kInfo:
            return spdlog::level::info;
        case Level::kWarn:
            return spdlog::level::warn;
        case Level::kError:
            break;
    }
    return spdlog::level::err;
}

}  // namespace

void init(const std::string& level) {
    spdlog::set_level(spdlog::level::from_str(level));
    spdlog::set_pattern("iond[%P] %n %l: %v");
}

bool enabled(Level level) {
    return spdlog::should_log(to_spdlog(level));
}

void write(const char* area, Level level, std::string_view message) {
    auto logger = spdlog::get(area);
    if (!logger) {
        logger = spdlog::stderr_logger_mt(area);
    }
    logger->log(to_spdlog(level), message);
}

}  // namespace ion::log
