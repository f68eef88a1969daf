// SPDX-License-Identifier: Apache-2.0

#include "tests/node/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <sstream>

namespace ion::test {
namespace {

using Clock = std::chrono::steady_clock;

/// Between two looks of eventually().
constexpr timespec kPause{0, 5'000'000};

std::array<UniqueFd, 2> make_pipe() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

int remaining_ms(Clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = Clock::now() + kPatience;
    while (!condition()) {
        if (Clock::now() >= deadline) {
            return false;
        }
        ::ppoll(nullptr, 0, &kPause, nullptr);
    }
    return true;
}

std::string client_path(const std::string& name) {
    return ION_BINARY_DIR "/clients/" + name;
}

std::string read_file(const std::string& path) {
    const std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();  // of a process that ends meanwhile it throws nothing, unlike an iterator
    return text.str();
}

std::vector<std::string> lines_of(const char* text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        if (!line.empty()) {
            lines.push_back(line);
        }
    }
    return lines;
}

Program::Program(const std::string& path, const std::vector<std::string>& arguments,
                 const std::vector<int>& inherited) {
    auto input = make_pipe();
    auto output = make_pipe();
    std::vector<char*> words{const_cast<char*>(path.c_str())};
    for (const auto& argument : arguments) {
        words.push_back(const_cast<char*>(argument.c_str()));
    }
    words.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(input[0].get(), STDIN_FILENO);
        ::dup2(output[1].get(), STDOUT_FILENO);
        for (const int fd : inherited) {
            ::fcntl(fd, F_SETFD, 0);
        }
        if (::getppid() == parent) {
            ::execv(path.c_str(), words.data());
        }
        ::_exit(127);
    }
    EXPECT_GT(pid_, 0);
    input_ = std::move(input[1]);
    output_ = std::move(output[0]);
}

Program::~Program() {
    if (pid_ > 0 && !status_) {
        ::kill(pid_, SIGKILL);
        ::kill(pid_, SIGCONT);
        (void)wait();
    }
}

void Program::write_line(const std::string& text) {
    const std::string line = text + "\n";
    EXPECT_EQ(::write(input_.get(), line.data(), line.size()), static_cast<ssize_t>(line.size()));
}

std::optional<std::string> Program::read_line(std::chrono::seconds patience) {
    const auto deadline = Clock::now() + patience;
    while (true) {
        if (const auto end = pending_.find('\n'); end != std::string::npos) {
            std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            return line;
        }
        pollfd ready{output_.get(), POLLIN, 0};
        if (::poll(&ready, 1, remaining_ms(deadline)) <= 0) {
            ADD_FAILURE() << "no output from process " << pid_ << "; so far: " << pending_;
            return std::nullopt;
        }
        std::array<char, 4096> room{};
        const ssize_t size = ::read(output_.get(), room.data(), room.size());
        if (size <= 0) {
            return std::nullopt;
        }
        pending_.append(room.data(), static_cast<std::size_t>(size));
    }
}

std::vector<std::string> Program::read_lines(std::chrono::seconds patience) {
    std::vector<std::string> lines;
    while (auto line = read_line(patience)) {
        lines.push_back(*std::move(line));
    }
    return lines;
}

void Program::signal(int number) const {
    EXPECT_EQ(::kill(pid_, number), 0);
}

int Program::wait() {
    if (!status_) {
        int status = -1;
        if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) {
            ADD_FAILURE() << "process " << pid_ << " does not end:\n"
                          << read_file("/proc/" + std::to_string(pid_) + "/status");
            return -1;
        }
        status_ = status;
    }
    return *status_;
}

}  // namespace ion::test
