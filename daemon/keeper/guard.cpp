// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/guard.h"

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <set>

#include "daemon/base/log.h"
#include "daemon/keeper/box.h"
#include "daemon/keeper/recorded.h"
#include "daemon/worker/inherited_fds.h"

namespace ion {

namespace {

using Clock = std::chrono::steady_clock;

/// A worker that has lost its keeper answers what it has begun, for at most 3 s.
constexpr std::chrono::seconds kWorkerPatience{4};

/// An injector gives a client 2 s. What is behind a frozen client's call cannot be waited for.
constexpr std::chrono::seconds kInjectorPatience{3};

constexpr int kKeeperEnded = SIGUSR1;

bool wait_until(int fd, short events, Clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd one{fd, events, 0};
    return ::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) == 1;
}

class GuardProcess {
  public:
    GuardProcess(Journal& journal, int in) : journal_(journal), in_(in) {}

    [[noreturn]] void run(pid_t keeper) {
        sigset_t ended;
        sigemptyset(&ended);
        sigaddset(&ended, kKeeperEnded);
        while (::getppid() == keeper) {
            ::sigwaitinfo(&ended, nullptr);
        }
        await_worker();
        put_away();
        ::_exit(0);
    }

  private:
    void await_worker() {
        const pid_t worker = journal_.header().worker.load();
        const UniqueFd process(worker <= 0 ? -1 : static_cast<int>(::syscall(SYS_pidfd_open, worker, 0)));
        if (process && !wait_until(process.get(), POLLIN, Clock::now() + kWorkerPatience)) {
            (void)::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
            (void)wait_until(process.get(), POLLIN, Clock::now() + kWorkerPatience);
        }
    }

    void put_away() {
        const auto state = recorded_state(journal_);
        if (!state) {
            ION_ERROR("guard", "nothing is put away: {}", state.error().context);
            return;
        }
        const auto idle = finish_deliveries(*state);
        std::vector<int> fds = named_by(*state);
        std::erase_if(fds, [&](int fd) { return idle.contains(fd); });
        const std::size_t put = put_into_box(in_, fds);
        if (put == fds.size()) {
            ION_INFO("guard", "{} descriptors put away for the next daemon", put);
        } else {
            ION_ERROR("guard", "of {} descriptors, {} could not be put away", fds.size(), fds.size() - put);
        }
    }

    /// What an injector does in a client has to come to its end; its result stays in the socket's queue. Returns the
    /// sockets of the others, which are of no use to anybody.
    static std::set<int> finish_deliveries(const State& state) {
        std::set<int> idle;
        for (const auto& [fd, injector] : state.injectors()) {
            ::shutdown(fd, SHUT_WR);  // it ends when it has done what it was given
            idle.insert(fd);
        }
        const auto deadline = Clock::now() + kInjectorPatience;
        for (const auto& [job, delivery] : state.deliveries()) {
            if (idle.erase(delivery.injector_fd) != 0) {
                (void)wait_until(delivery.injector_fd, POLLHUP, deadline);
            }
        }
        return idle;
    }

    Journal& journal_;
    int in_;
};

}  // namespace

void Guard::start(Journal& journal, int in) {
    journal_ = &journal;
    in_ = in;
    restart();
}

void Guard::restart() {
    if (journal_ == nullptr) {
        return;
    }
    sigset_t all;
    sigset_t former;
    sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &former);  // a service manager's signals to all are none of its business
    const pid_t keeper = ::getpid();
    const long pid = ::syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    const int error = errno;
    if (pid == 0) {
        ::prctl(PR_SET_NAME, "iond-guard");
        ::prctl(PR_SET_PDEATHSIG, kKeeperEnded);
        GuardProcess(*journal_, in_).run(keeper);
    }
    ::sigprocmask(SIG_SETMASK, &former, nullptr);
    if (pid < 0) {
        ION_ERROR("guard", "none: buffers are lost when the keeper is killed ({})", std::strerror(error));
    }
    pid_ = static_cast<pid_t>(pid);
    journal_->header().guard.store(std::max(pid_, 0));
}

void Guard::stop() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
    }
}

void Guard::ended(pid_t child) {
    if (child == pid_) {
        restart();
    }
}

}  // namespace ion
