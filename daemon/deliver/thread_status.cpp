// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/thread_status.h"

#include <charconv>
#include <csignal>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/base/file_text.h"

namespace ion {
namespace {

/// What follows `key` at the beginning of a line; empty when there is no such line. The kernel escapes
/// newlines in the name of a program, so a line cannot be forged.
std::string_view field(std::string_view status, std::string_view key) {
    const auto at = status.find(key);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto value = status.substr(at + key.size());
    return value.substr(0, value.find('\n'));
}

int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// SIGKILL waits for it: what kills it may be another thread's execve, which waits for its end.
bool is_killed(std::string_view signals) {
    std::uint64_t pending = 0;
    std::from_chars(signals.data(), signals.data() + signals.size(), pending, 16);
    return (pending >> (SIGKILL - 1) & 1U) != 0;
}

}  // namespace

Result<ThreadStatus> thread_status(pid_t tid) {
    const std::string text = file_text("/proc/" + std::to_string(tid) + "/status");
    const auto tgid = number(field(text, "\nTgid:\t"));
    if (tgid <= 0) {
        return fail(ESRCH, "no thread " + std::to_string(tid));
    }
    const auto state = field(text, "\nState:\t");
    return ThreadStatus{
        .tgid = tgid,
        .tracer = number(field(text, "\nTracerPid:\t")),
        .restricted = number(field(text, "\nSeccomp:\t")) != 0,
        .dead = state.starts_with('Z') || state.starts_with('X') || is_killed(field(text, "\nSigPnd:\t")) ||
                is_killed(field(text, "\nShdPnd:\t")),
    };
}

}  // namespace ion
