// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/zygote.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <vector>

#include "daemon/base/descriptor_table.h"
#include "daemon/base/fd_message.h"
#include "daemon/deliver/injector.h"

namespace ion {

namespace {

constexpr int kStopPatienceSeconds = 3;

class ZygoteProcess {
  public:
    ZygoteProcess(int socket, std::vector<int> reply_targets)
        : socket_(socket), reply_targets_(std::move(reply_targets)) {}

    [[noreturn]] void run() {
        for (;;) {
            ZygoteRequest request;
            auto received = receive_message(socket_, std::as_writable_bytes(std::span(&request, 1)), 0);
            reap();
            if (!received || received->size != sizeof(request)) {
                wait_for_injectors();
                ::_exit(received && received->size == 0 ? 0 : 1);
            }
            if (request.command == ZygoteCommand::kSpawn) {
                spawn();
            } else if (injectors_.contains(request.pid)) {
                ::kill(request.pid, SIGKILL);
            }
        }
    }

  private:
    // Only here are injectors waited for, so a number in the set cannot have been given to anybody else.
    void reap() {
        for (auto one = injectors_.begin(); one != injectors_.end();) {
            one = ::waitpid(*one, nullptr, WNOHANG) == *one ? injectors_.erase(one) : std::next(one);
        }
    }

    /// They end by themselves, their sockets being closed. One that waits for a client which does not run is left
    /// alone: ending it would end that client.
    void wait_for_injectors() {
        sigset_t child;
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        ::sigprocmask(SIG_BLOCK, &child, nullptr);
        for (reap(); !injectors_.empty(); reap()) {
            const timespec patience{kStopPatienceSeconds, 0};
            if (::sigtimedwait(&child, nullptr, &patience) < 0 && errno == EAGAIN) {
                return;
            }
        }
    }

    void spawn() {
        int ends[2] = {-1, -1};
        ZygoteReply reply{-1};
        if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
            (void)send_message(socket_, std::as_bytes(std::span(&reply, 1)));
            return;
        }
        const UniqueFd ours(ends[0]);
        UniqueFd theirs(ends[1]);
        reply.pid = ::fork();
        if (reply.pid == 0) {
            std::vector<int> keep = reply_targets_;
            keep.insert(keep.end(), {STDERR_FILENO, ours.get()});
            close_all_but(std::move(keep));
            ::prctl(PR_SET_NAME, "iond-injector");
            ::_exit(run_injector(InjectorSetup{ours.get(), reply_targets_}));
        }
        if (reply.pid > 0) {
            injectors_.insert(reply.pid);
        }
        (void)send_message(socket_, std::as_bytes(std::span(&reply, 1)), theirs.get());
    }

    int socket_;
    std::vector<int> reply_targets_;
    std::set<pid_t> injectors_;
};

}  // namespace

Result<Zygote> start_zygote(std::span<const int> reply_targets) {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return fail_errno(errno, "socketpair(zygote)");
    }
    UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    const pid_t pid = ::fork();
    if (pid < 0) {
        return fail_errno(errno, "fork(zygote)");
    }
    if (pid == 0) {
        ::prctl(PR_SET_NAME, "iond-zygote");
        // Ended by its socket's end; a terminal's ^C and a stop of the whole group are the keeper's business.
        ::signal(SIGINT, SIG_IGN);
        ::signal(SIGHUP, SIG_IGN);
        ::signal(SIGTERM, SIG_IGN);
        ::signal(SIGABRT, SIG_IGN);  // a service manager's watchdog sends it to all
        ::signal(SIGPIPE, SIG_IGN);
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        std::vector<int> targets(reply_targets.begin(), reply_targets.end());
        std::vector<int> keep = targets;
        keep.insert(keep.end(), {STDERR_FILENO, theirs.get()});
        close_all_but(std::move(keep));
        ZygoteProcess(theirs.get(), std::move(targets)).run();
    }
    ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
    return Zygote{pid, std::move(ours)};
}

}  // namespace ion
