// SPDX-License-Identifier: Apache-2.0

#include "tests/stress/stress_daemon.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "tests/stress/patience.h"

namespace ion::test {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name, const std::string& otherwise) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : otherwise;
}

[[noreturn]] void become(const std::vector<std::string>& command) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    std::vector<char*> arguments;
    for (const auto& one : command) {
        arguments.push_back(const_cast<char*>(one.c_str()));
    }
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

std::string content(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// A heap's file has a line "<client> <pid> <bytes>" for each client, and totals.
bool says_empty(const std::string& text) {
    std::istringstream lines(text);
    std::size_t totals = 0;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::vector<std::string> row;
        for (std::string word; words >> word;) {
            row.push_back(word);
        }
        if (row.empty() || row[0] != "total") {
            continue;
        }
        ++totals;
        if (row.back() != "0") {
            return false;
        }
    }
    return totals == 2;  // "total orphaned" and "total"
}

}  // namespace

StressDaemon::StressDaemon() {
    const bool cuse = environment("ION_TEST_TRANSPORT", "node") == "cuse";
    const std::string name = "ion-stress-" + std::to_string(::getpid());
    std::string pattern = fs::temp_directory_path() / "ion-stress-XXXXXX";
    directory_ = ::mkdtemp(pattern.data()) != nullptr ? pattern : "";
    std::vector<std::string> command{environment("ION_DAEMON", ION_BINARY_DIR "/bin/iond"), "--runtime-dir",
                                     directory_, "--transport", cuse ? "cuse" : "node"};
    if (cuse) {
        command.insert(command.end(), {"--device-name", name});
    }
    device_ = cuse ? "/dev/" + name : directory_ + "/dev/ion";
    int ends[2];
    if (directory_.empty() || ::pipe2(ends, O_CLOEXEC) != 0) {
        ADD_FAILURE() << "no directory or no pipe";
        return;
    }
    log_.reset(ends[0]);
    const UniqueFd theirs(ends[1]);
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(theirs.get(), STDERR_FILENO);
        become(command);
    }
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    serves_ = wait_until_ready();
    EXPECT_TRUE(serves_) << command[0] << " does not serve";
}

/// Reads its log up to that line. The rest, a few lines, stays in the pipe.
bool StressDaemon::wait_until_ready() {
    std::string text;
    const auto deadline = Clock::now() + kPatience;
    while (text.find("ready:") == std::string::npos) {
        char piece[512];
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        const ssize_t size = left.count() > 0 && readable_within(log_.get(), left)
                                 ? ::read(log_.get(), piece, sizeof piece)
                                 : 0;
        if (size <= 0) {
            ADD_FAILURE() << text;
            return false;
        }
        text.append(piece, static_cast<std::size_t>(size));
    }
    return true;
}

bool StressDaemon::is_empty(std::string& why) const {
    std::error_code error;
    for (const auto& file : fs::directory_iterator(directory_ + "/debug/clients", error)) {
        why = "a client is left: " + file.path().filename().string();
        return false;
    }
    std::size_t heaps = 0;
    for (const auto& file : fs::directory_iterator(directory_ + "/debug/heaps", error)) {
        why = content(file.path());
        if (!says_empty(why)) {
            return false;
        }
        ++heaps;
    }
    why = error ? error.message() : "no heaps";
    return heaps > 0;
}

std::size_t StressDaemon::buffers_open() const {
    std::size_t count = 0;
    std::error_code error;
    for (const auto& fd : fs::directory_iterator("/proc/" + std::to_string(pid_) + "/fd", error)) {
        const std::string target = fs::read_symlink(fd.path(), error).string();
        count += target.starts_with("/memfd:") || target.starts_with("/dmabuf:") ? 1 : 0;
    }
    return count;
}

int StressDaemon::stop() {
    siginfo_t info{};
    if (!serves_ || ::kill(pid_, SIGTERM) != 0 || !readable_within(pidfd_.get(), kPatience) ||
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0) {
        return -1;
    }
    pid_ = -1;
    return info.si_code == CLD_EXITED ? info.si_status : -1;
}

/// What it has said since it serves.
std::string StressDaemon::log() const {
    std::string text;
    char piece[4096];
    while (readable_within(log_.get(), std::chrono::milliseconds(0))) {
        const ssize_t size = ::read(log_.get(), piece, sizeof piece);
        if (size <= 0) {
            break;
        }
        text.append(piece, static_cast<std::size_t>(size));
    }
    return text;
}

StressDaemon::~StressDaemon() {
    if (::testing::Test::HasFailure()) {
        ADD_FAILURE() << "the daemon said:\n" << log();
    }
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    for (const char* mount : {"/dev", "/debug"}) {
        ::umount2((directory_ + mount).c_str(), MNT_DETACH);
    }
    std::error_code ignored;
    if (!directory_.empty()) {
        fs::remove_all(directory_, ignored);
    }
}

}  // namespace ion::test
