// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/program.h"

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "daemon/base/fd_message.h"

namespace ion {

namespace {

constexpr std::array kEnding{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
constexpr std::array kOthers{SIGUSR1, SIGUSR2, SIGWINCH};

/// What the child says when it is under the filter.
constexpr const char* kEntered = "entered";

sigset_t handled_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    for (const int number : kEnding) {
        sigaddset(&signals, number);
    }
    for (const int number : kOthers) {
        sigaddset(&signals, number);
    }
    return signals;
}

/// In the child: everything between fork and exec. Sends the listener, or why there is none.
[[noreturn]] void become(const std::vector<std::string>& words, const std::vector<sock_filter>& filter,
                         int to_parent, const sigset_t& mask) {
    auto listener = enter_filter(filter);
    const std::string why = listener ? kEntered : listener.error().context;
    const auto sent = send_message(to_parent, std::as_bytes(std::span(why)), listener ? listener->get() : -1);
    if (!listener || !sent) {
        ::_exit(kRunFailed);
    }
    listener->reset();
    ::sigprocmask(SIG_SETMASK, &mask, nullptr);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    ::execvp(arguments.front(), arguments.data());
    const int error = errno;
    std::fprintf(stderr, "ionctl: %s: %s\n", arguments.front(), std::strerror(error));
    ::_exit(error == ENOENT ? kNotFound : kCannotRun);
}

Result<UniqueFd> receive_listener(int from_child) {
    std::array<char, 512> why{};
    auto message = receive_message(from_child, std::as_writable_bytes(std::span(why)), 0);
    if (!message) {
        return message.error();
    }
    if (!message->fd) {
        return fail(ECHILD, "cannot supervise the program: " + std::string(why.data(), message->size));
    }
    return std::move(message->fd);
}

}  // namespace

Result<Program> Program::start(const std::vector<std::string>& words,
                               const std::vector<sock_filter>& filter) {
    const sigset_t handled = handled_signals();
    sigset_t former;
    ::sigprocmask(SIG_BLOCK, &handled, &former);
    UniqueFd signals(::signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK));
    std::array<int, 2> ends{-1, -1};
    if (!signals || ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return fail_errno(errno, "signalfd, socketpair");
    }
    const UniqueFd ours(ends[0]);
    UniqueFd childs(ends[1]);
    // An orphan must stay a descendant: Yama lets nobody else read its memory, and it is waited for.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t pid = ::fork();
    if (pid < 0) {
        return fail_errno(errno, "fork");
    }
    if (pid == 0) {
        become(words, filter, childs.get(), former);
    }
    childs.reset();
    auto listener = receive_listener(ours.get());
    if (!listener) {
        return listener.error();
    }
    return Program(pid, std::move(signals), *std::move(listener));
}

void Program::on_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
        if (info.ssi_signo == SIGCHLD) {
            reap();
        } else {
            pass_on(static_cast<int>(info.ssi_signo), info.ssi_code == SI_KERNEL);
        }
    }
}

void Program::pass_on(int number, bool from_terminal) {
    if (!reaped_) {
        if (!from_terminal) {
            ::kill(pid_, number);
        }
    } else if (std::find(kEnding.begin(), kEnding.end(), number) != kEnding.end()) {
        ended_ = true;
    }
}

void Program::reap() {
    int status = 0;
    pid_t pid = 0;
    while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == pid_) {
            reaped_ = true;
            exit_status_ = WIFSIGNALED(status) ? kSignalBase + WTERMSIG(status) : WEXITSTATUS(status);
        }
    }
    ended_ = ended_ || (pid < 0 && errno == ECHILD);
}

}  // namespace ion
