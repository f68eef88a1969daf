// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "daemon/base/system_journal.h"

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

/// As syslog(3) counts.
int priority_of(Level level) {
    switch (level) {
        case Level::kDebug:
            return 7;
        case Level::kInfo:
            return 6;
        case Level::kWarn:
            return 4;
        case Level::kError:
            break;
    }
    return 3;
}

JournalEntry entry_for(const char* area, Level level, std::string_view message, const Subject& about) {
    JournalEntry entry;
    entry.add("MESSAGE", message);
    entry.add("PRIORITY", std::to_string(priority_of(level)));
    entry.add("SYSLOG_IDENTIFIER", "iond");
    entry.add("ION_AREA", area);
    if (about.client_pid != 0) {
        entry.add("ION_CLIENT_PID", std::to_string(about.client_pid));
    }
    if (!about.heap.empty()) {
        entry.add("ION_HEAP", about.heap);
    }
    if (about.buffer) {
        entry.add("ION_BUFFER", std::to_string(*about.buffer));
    }
    if (!about.id.empty()) {
        entry.add("MESSAGE_ID", about.id);
    }
    return entry;
}

}  // namespace

void init(const std::string& level) {
    spdlog::set_level(spdlog::level::from_str(level));
}

bool enabled(Level level) {
    return spdlog::should_log(to_spdlog(level));
}

void write(const char* area, Level level, std::string_view message, const Subject& about) {
    static const bool to_journal = stderr_is_journal();
    static const bool to_terminal = ::isatty(STDERR_FILENO) == 1;
    if (to_journal && entry_for(area, level, message, about).send()) {
        return;
    }
    auto logger = spdlog::get("iond");
    if (!logger) {
        logger = spdlog::stderr_logger_mt("iond");
        logger->set_pattern("%v");
    }
    // What reads stderr may know the priority by the number; sd-daemon(3).
    logger->log(to_spdlog(level), "{}iond[{}] {} {}: {}",
                to_terminal ? std::string() : fmt::format("<{}>", priority_of(level)), ::getpid(), area,
                spdlog::level::to_string_view(to_spdlog(level)), message);
}

}  // namespace ion::log
