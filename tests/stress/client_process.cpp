// SPDX-License-Identifier: Apache-2.0

#include "tests/stress/client_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/node/patience.h"

namespace ion::test {
namespace {

namespace fs = std::filesystem;

struct Pipe {
    Pipe() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        out.reset(ends[0]);
        in.reset(ends[1]);
    }
    UniqueFd out, in;
};

}  // namespace

ClientProcess::ClientProcess(const ClientKind& kind, const std::string& device, std::uint32_t seed,
                             std::uint32_t rounds, const std::string& silent_file)
    : kind_(kind) {
    const UniqueFd memory(::memfd_create("stress report", MFD_CLOEXEC));
    EXPECT_EQ(::ftruncate(memory.get(), sizeof(stress_report)), 0);
    report_ = static_cast<stress_report*>(
        ::mmap(nullptr, sizeof(stress_report), PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0));
    Pipe input;
    Pipe output;
    const std::string program = std::string(ION_BINARY_DIR "/clients/") + kind.program;
    const std::string seed_text = std::to_string(seed);
    const std::string rounds_text = std::to_string(rounds);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int report = ::fcntl(memory.get(), F_DUPFD, STRESS_REPORT_FD + 1);
        ::dup2(input.out.get(), STDIN_FILENO);
        ::dup2(output.in.get(), STDOUT_FILENO);
        ::dup2(report, STRESS_REPORT_FD);
        ::close(report);
        if (::getppid() == parent) {
            ::execl(program.c_str(), program.c_str(), device.c_str(), kind.mode, seed_text.c_str(),
                    rounds_text.c_str(), silent_file.c_str(), nullptr);
        }
        ::_exit(127);
    }
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    input_ = std::move(input.in);
    output_ = std::move(output.out);
}

ClientProcess::~ClientProcess() {
    if (pid_ > 0) {
        (void)kill();
    }
    ::munmap(report_, sizeof(stress_report));
}

bool ClientProcess::wait_until_done() {
    char line[8];
    return readable_within(output_.get(), kPatience) && ::read(output_.get(), line, sizeof line) > 0;
}

bool ClientProcess::runs_free(std::string& why) const {
    std::error_code error;
    for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid_) + "/task", error)) {
        std::ifstream status(task.path() / "status");
        for (std::string line; std::getline(status, line);) {
            const bool stopped = line.starts_with("State:") && line.find_first_of("tT", 6) == 7;
            const bool traced = line.starts_with("TracerPid:") && line != "TracerPid:\t0";
            if (stopped || traced) {
                why = std::string(kind_.name) + ", thread " + task.path().filename().string() + ": " + line;
                return false;
            }
        }
    }
    return !error;
}

std::optional<int> ClientProcess::finish() {
    input_.reset();
    return wait();
}

std::optional<int> ClientProcess::kill() {
    ::kill(pid_, SIGKILL);
    return wait();
}

std::optional<int> ClientProcess::wait() {
    int status = 0;
    if (pid_ <= 0 || !readable_within(pidfd_.get(), kPatience) || ::waitpid(pid_, &status, 0) != pid_) {
        return std::nullopt;
    }
    pid_ = -1;
    return status;
}

int reap_orphans() {
    int strange = 0;
    int status = 0;
    while (::waitpid(-1, &status, WNOHANG) > 0) {
        if (status != 0 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) {
            std::printf("an orphan ended with status %#x\n", static_cast<unsigned>(status));
            ++strange;
        }
    }
    return strange;
}

}  // namespace ion::test
