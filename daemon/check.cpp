// SPDX-License-Identifier: Apache-2.0

#include "daemon/check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <new>

#include "daemon/base/log.h"
#include "daemon/worker/checked_configuration.h"
#include "plugins/loaded_driver.h"

namespace ion {

namespace {

/// Memory that both processes see, gone with them.
Activity* shared_activity() {
    void* at = ::mmap(nullptr, sizeof(Activity), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? nullptr : new (at) Activity;
}

/// Loads the drivers too; none is started. Errors: those of LoadedDriver::read().
Result<CheckedConfiguration> check_all(const std::vector<ConfigText>& texts, Activity& activity) {
    auto checked = check_configuration(pieces_of(texts), {}, read_plugins(activity));
    if (checked) {
        for (const std::string& word : checked->drivers) {
            if (auto driver = LoadedDriver::read(driver_path(word), activity); !driver) {
                return driver.error();
            }
        }
    }
    return checked;
}

[[noreturn]] void check(const std::vector<ConfigText>& texts, Activity& activity, int output) {
    log::init("error");
    const auto checked = check_all(texts, activity);
    const std::string text = checked ? fmt::format("configuration ok: {} heaps", checked->config.heaps.size())
                                     : checked.error().context;
    (void)!::write(output, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    ::_exit(checked ? 0 : 1);
}

std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> chunk{};
    ssize_t count = 0;
    while ((count = ::read(fd, chunk.data(), chunk.size())) > 0 || (count < 0 && errno == EINTR)) {
        text.append(chunk.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return text;
}

}  // namespace

Result<std::string> check_in_child(const std::vector<ConfigText>& texts) {
    std::array<int, 2> ends{};
    Activity* activity = shared_activity();
    if (activity == nullptr || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail_errno(errno, "pipe");
    }
    const UniqueFd input(ends[0]);
    UniqueFd output(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) {
        return fail_errno(errno, "fork");
    }
    if (child == 0) {
        check(texts, *activity, output.get());
    }
    output.reset();
    const std::string text = read_all(input.get());
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    const std::string doing = activity_text(*activity);
    ::munmap(activity, sizeof(Activity));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return text;
    }
    if (WIFSIGNALED(status) || text.empty()) {
        return fail(EIO, fmt::format("the check of the configuration ended by {} {}, in {}",
                                     WIFSIGNALED(status) ? "signal" : "status",
                                     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                                     doing.empty() ? "no plug-in" : doing));
    }
    return fail(EINVAL, text);
}

}  // namespace ion
