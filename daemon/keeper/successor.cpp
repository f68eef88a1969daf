// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/successor.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"

namespace ion {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{4};  // less than ionctl waits for an answer

/// The file that this program was started from; another one may lie there by now.
std::string program_path() {
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlink("/proc/self/exe", target.data(), target.size());
    std::string path(target.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    constexpr std::string_view kReplaced = " (deleted)";
    if (path.ends_with(kReplaced)) {
        path.resize(path.size() - kReplaced.size());
    }
    return path;
}

std::vector<std::string> arguments() {
    std::ifstream file("/proc/self/cmdline");
    std::vector<std::string> words;
    for (std::string word; std::getline(file, word, '\0');) {
        words.push_back(word);
    }
    return words;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> all;
    for (std::string& word : words) {
        all.push_back(word.data());
    }
    all.push_back(nullptr);
    return all;
}

std::vector<std::string> environment_with(const FdNumbers& named) {
    const std::string variable = std::string(kDescriptorsVariable) + "=";
    std::vector<std::string> words;
    for (char** word = environ; *word != nullptr; ++word) {
        if (!std::string_view(*word).starts_with(variable)) {
            words.emplace_back(*word);
        }
    }
    words.push_back(variable + descriptors_text(named));
    return words;
}

/// What a process says until it closes its output or time is up.
std::string read_until(int fd, Clock::time_point deadline) {
    std::string text;
    std::array<char, 4096> room{};
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        pollfd ready{fd, POLLIN, 0};
        if (::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) <= 0) {
            return text;
        }
        const ssize_t size = ::read(fd, room.data(), room.size());
        if (size <= 0) {
            return text;
        }
        text.append(room.data(), static_cast<std::size_t>(size));
    }
}

/// Waits for a process that has closed its output; ends it when it does not.
int wait_for(pid_t pid, Clock::time_point deadline) {
    if (Clock::now() >= deadline) {
        ::kill(pid, SIGKILL);
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

Result<void> check_successor(int journal) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail_errno(errno, "pipe");
    }
    const UniqueFd output(ends[0]);
    UniqueFd input(ends[1]);
    std::string path = program_path();
    auto words = arguments();
    words.emplace_back("--check-config");
    auto variables = environment_with({{inherited::kJournal, journal}});
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDERR_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, journal, journal);  // takes its O_CLOEXEC away
    pid_t pid = -1;
    const int failed = ::posix_spawn(&pid, path.c_str(), &actions, nullptr, pointers(words).data(),
                                     pointers(variables).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        return fail(failed, "cannot start " + path + " (" + std::strerror(failed) + ")");
    }
    input.reset();
    const auto deadline = Clock::now() + kPatience;
    const std::string said = read_until(output.get(), deadline);
    const int status = wait_for(pid, deadline);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return {};
    }
    if (Clock::now() >= deadline) {
        return fail(ETIMEDOUT, path + " --check-config does not end");
    }
    return fail(EINVAL, path + " cannot take over: " + said.substr(0, said.find_last_not_of('\n') + 1));
}

Error become_successor(const FdNumbers& named, std::span<const int> keep) {
    std::vector<int> all(keep.begin(), keep.end());
    for (const auto& [name, fd] : named) {
        all.push_back(fd);
    }
    for (const int fd : all) {
        ::fcntl(fd, F_SETFD, 0);
    }
    const std::string path = program_path();
    auto words = arguments();
    auto variables = environment_with(named);
    ::execve(path.c_str(), pointers(words).data(), pointers(variables).data());
    const int error = errno;
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    return fail(error, "cannot become " + path + " (" + std::strerror(error) + ")");
}

}  // namespace ion
