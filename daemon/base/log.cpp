// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>

namespace ion::log {

void init(const std::string& level) {
    spdlog::set_level(spdlog::level::from_str(level));
    spdlog::set_pattern("iond[%P] %n %l: %v");
}

spdlog::logger* area(const char* name) {
    if (auto known = spdlog::get(name)) {
        return known.get();
    }
    return spdlog::stderr_logger_mt(name).get();
}

}  // namespace ion::log
