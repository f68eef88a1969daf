// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/keeper.h"

#include <linux/close_range.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <optional>

#include "daemon/base/log.h"
#include "daemon/base/notify.h"
#include "daemon/deliver/zygote.h"
#include "daemon/keeper/belongings.h"
#include "daemon/keeper/guard.h"
#include "daemon/keeper/recorded.h"
#include "daemon/keeper/successor.h"
#include "daemon/keeper/watchdog.h"
#include "daemon/worker/inherited_fds.h"
#include "daemon/worker/worker.h"

namespace ion {

namespace {

/// Workers in a row that may die before they serve; then the cause is not a request, and restarting is no use.
constexpr int kMaxFailedStarts = 5;

constexpr int kStopPatienceSeconds = 5;

/// One descriptor a buffer: the table should be as large as the kernel allows.
constexpr rlim_t kWantedDescriptors = 1 << 20;
constexpr rlim_t kFewDescriptors = 4096;

void raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    rlimit wanted{kWantedDescriptors, std::max(limit.rlim_max, kWantedDescriptors)};
    if (::setrlimit(RLIMIT_NOFILE, &wanted) != 0) {
        wanted = {limit.rlim_max, limit.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &wanted);
    }
    ::getrlimit(RLIMIT_NOFILE, &limit);
    ION_DEBUG("keeper", "descriptor limit {}", limit.rlim_cur);
    if (limit.rlim_cur < kFewDescriptors) {
        ION_WARN("keeper", "at most {} descriptors, so about as many buffers: raise the limit (LimitNOFILE=)",
                 limit.rlim_cur);
    }
}

sigset_t keeper_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, kUpgradeSignal}) {
        sigaddset(&signals, signal);
    }
    return signals;
}

class Keeper {
  public:
    Keeper(const CommandLine& options, const std::vector<ConfigText>& texts) : options_(options) {
        setup_.texts = texts;
        setup_.config_file = options.config_file;
        setup_.log_level = options.log_level;
        setup_.check_successor = [this] { return check_successor(belongings_.journal().fd()); };
    }

    Result<void> prepare(const FdNumbers& inherited) {
        const auto journal = inherited.find(inherited::kJournal);
        const int end = journal == inherited.end() ? 0 : end_of_recorded(journal->second);
        if (auto prepared = belongings_.prepare(options_, moved_up(inherited, end)); !prepared) {
            return prepared;
        }
        if (is_service()) {
            // From here on nothing is lost with this process.
            guard_.start(belongings_.journal(), belongings_.box().in.get());
            unpack(end);
        }
        return new_zygote();
    }

    /// A service manager keeps what it has: nothing is cleared away by it.
    [[nodiscard]] bool is_service() const { return belongings_.box().in && belongings_.box().out; }

    int run() {
        signals_ = keeper_signals();
        ::sigprocmask(SIG_BLOCK, &signals_, nullptr);
        if (const auto limit = watchdog_limit()) {
            watchdog_.emplace(*limit, Watchdog::Clock::now());
        }
        start_worker();
        while (worker_ > 0 && !exit_status_) {
            siginfo_t info{};
            const int signal = wait_for_signal(info);
            look_at_worker();
            if (signal == SIGCHLD) {
                reap();
            } else if (signal == SIGUSR1 && info.si_pid == worker_) {
                serving();
            } else if (signal == SIGTERM || signal == SIGINT) {
                stop();
            } else if (signal == SIGHUP) {
                reload();
            } else if (signal == kUpgradeSignal) {
                upgrade();
            }
        }
        if (is_service()) {
            ::_exit(exit_status_.value_or(1));  // without closing what the guard is going to put away
        }
        end_zygote();
        return exit_status_.value_or(1);
    }

  private:
    void unpack(int end) {
        const Unpacked unpacked = take_from_box(belongings_.box().out.get(), end);
        if (unpacked.lost != 0) {
            ION_ERROR("keeper", "{} descriptors of the former daemon could not be placed", unpacked.lost);
        }
        ION_DEBUG("keeper", "{} descriptors of the former daemon taken over", unpacked.placed);
    }

    /// Bounded by the watchdog's interval, where there is one.
    int wait_for_signal(siginfo_t& info) {
        if (!watchdog_) {
            return ::sigwaitinfo(&signals_, &info);
        }
        const auto interval = std::chrono::nanoseconds(watchdog_->interval()).count();
        const timespec patience{interval / 1'000'000'000, interval % 1'000'000'000};
        return ::sigtimedwait(&signals_, &info, &patience);
    }

    /// The sign of life is the worker's; the keeper only passes it on.
    void look_at_worker() {
        if (!watchdog_) {
            return;
        }
        const auto turns = belongings_.journal().header().pulse.turns.load();
        const auto verdict = watchdog_->look(turns, worker_serves_, Watchdog::Clock::now());
        if (verdict == Watchdog::Verdict::kAlive) {
            notify_service_manager("WATCHDOG=1");
            tell_status();
        } else if (verdict == Watchdog::Verdict::kHung) {
            ION_ERROR_ABOUT(log::Subject{.id = log::kLoopHungId}, "keeper",
                            "worker {} makes no progress, so it is replaced", worker_);
            worker_serves_ = false;
            hung_ = true;
            ::kill(worker_, SIGKILL);
        }
    }

    void tell_status() {
        const Pulse& pulse = belongings_.journal().header().pulse;
        const std::string status =
            fmt::format("Serving {}: {} clients, {} buffers, {} KiB", belongings_.paths().device,
                        pulse.clients.load(), pulse.buffers.load(), pulse.bytes.load() / 1024);
        if (status != status_) {
            status_ = status;
            notify_service_manager("STATUS=" + status);
        }
    }

    [[nodiscard]] std::vector<int> own_descriptors() const {
        std::vector<int> own = belongings_.descriptors();
        own.insert(own.end(), {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO});
        return own;
    }

    Result<void> new_zygote() {
        const int targets[] = {belongings_.device()};
        auto zygote = start_zygote(targets);
        if (!zygote) {
            return zygote.error();
        }
        zygote_ = *std::move(zygote);
        return {};
    }

    void end_zygote() {
        // The last copies of their sockets go, so injectors and zygote finish and end. The worker left the
        // injectors' ones in the table, and the buffers.
        close_unnamed(setup_.keeper_fds, State{});
        zygote_.socket.reset();
        int status = 0;
        while (::waitpid(zygote_.pid, &status, 0) < 0 && errno == EINTR) {
        }
    }

    void start_worker() {
        setup_.journal = &belongings_.journal();
        setup_.transport = belongings_.transport();
        setup_.device_name = options_.device_name;
        setup_.device_fd = belongings_.device();
        setup_.usage_fd = belongings_.usage();
        setup_.control_fd = belongings_.control();
        setup_.zygote_fd = zygote_.socket.get();
        setup_.keeper = ::getpid();
        setup_.keeper_fds = own_descriptors();
        setup_.keeper_fds.push_back(zygote_.socket.get());
        worker_serves_ = false;
        // Shares the descriptor table and nothing else: a fork whose descriptors survive it.
        const long pid = ::syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
        if (pid == 0) {
            ::sigprocmask(SIG_UNBLOCK, &signals_, nullptr);
            run_worker(setup_);
        }
        worker_ = static_cast<pid_t>(pid);
        if (pid < 0) {
            ION_ERROR("keeper", "cannot start a worker: {}", std::strerror(errno));
        }
    }

    void reap() {
        int status = 0;
        for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0; pid = ::waitpid(-1, &status, WNOHANG)) {
            if (pid == worker_) {
                worker_ended(status);
            } else if (pid == zygote_.pid && !stopping_) {
                ION_WARN("keeper", "the zygote ended, so the worker is replaced with it");
                ::kill(worker_, SIGKILL);
                zygote_.pid = -1;
            } else {
                guard_.ended(pid);
            }
        }
    }

    void worker_ended(int status) {
        if (stopping_) {
            exit_status_ = 0;
            return;
        }
        if (WIFEXITED(status) &&
            (WEXITSTATUS(status) == kWorkerUnusable || WEXITSTATUS(status) == kWorkerLostTransport)) {
            exit_status_ = 1;
            return;
        }
        const bool hung = std::exchange(hung_, false);
        const bool killed =
            WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && !hung;  // from outside: not its fault
        failed_starts_ = worker_serves_ || hung || killed ? 0 : failed_starts_ + 1;
        if (failed_starts_ >= kMaxFailedStarts) {
            ION_ERROR("keeper", "{} workers ended before they served; giving up", failed_starts_);
            exit_status_ = 1;
            return;
        }
        ION_WARN_ABOUT(log::Subject{.id = log::kWorkerReplacedId}, "keeper",
                       "worker {} ended by {} {}; starting another", worker_,
                       WIFSIGNALED(status) ? "signal" : "status",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        if (!killed) {
            blame_plugin();
        }
        belongings_.journal().header().activity.length.store(0);
        restart_worker();
    }

    void restart_worker() {
        if (zygote_.pid < 0) {
            if (auto zygote = new_zygote(); !zygote) {
                ION_ERROR("keeper", "{}", zygote.error().context);
                exit_status_ = 1;
                return;
            }
        }
        start_worker();
    }

    /// By the worker, once it serves: one that is starting has read an older configuration.
    void reload() {
        reload_wanted_ = !worker_serves_;
        if (worker_serves_) {
            ::kill(worker_, kReloadSignal);
        }
    }

    /// The worker is killed, which it is made for: who waits for it to finish waits for its slowest client.
    void upgrade() {
        if (stopping_) {
            return;
        }
        if (auto checked = check_successor(belongings_.journal().fd()); !checked) {
            ION_ERROR("keeper", "not upgraded: {}", checked.error().context);
            return;
        }
        ION_INFO("keeper", "upgrading");
        ::kill(worker_, SIGKILL);
        while (::waitpid(worker_, nullptr, 0) < 0 && errno == EINTR) {
        }
        belongings_.journal().header().activity.length.store(0);  // it died of neither a plug-in
        belongings_.journal().header().current_slot.store(0);     // nor a request
        Error why = fail(EBADMSG, "the journal cannot be read");
        if (auto state = recorded_state(belongings_.journal())) {
            close_unnamed(own_descriptors(), *state);  // the zygote's as well: it ends, another is started
            (void)zygote_.socket.release();
            guard_.stop();  // it would go on with the table as it is now
            why = become_successor(belongings_.named(), named_by(*state));
            zygote_.pid = -1;
            guard_.restart();
        }
        ION_ERROR("keeper", "not upgraded: {}", why.context);
        restart_worker();
    }

    /// Names the plug-in that a worker died in. One that ends worker after worker before they serve is left out.
    void blame_plugin() {
        JournalHeader& header = belongings_.journal().header();
        const std::string doing = activity_text(header.activity);
        if (doing.empty()) {
            return;
        }
        ION_ERROR("keeper", "the worker was in {}", doing);
        const int subject = header.activity.subject.load();
        header.activity.length.store(0);
        const bool again = !worker_serves_ && subject >= 0 && subject == blamed_;
        blamed_ = worker_serves_ ? -1 : subject;
        if (again) {
            header.abandoned.fetch_or(1ULL << (static_cast<unsigned>(subject) % 64U));
            failed_starts_ = 0;
            blamed_ = -1;
        }
    }

    void serving() {
        worker_serves_ = true;
        if (reload_wanted_) {
            reload();
        }
        if (!announced_) {
            announced_ = true;
            ION_INFO("keeper", "serving by {}",
                     belongings_.transport() == TransportKind::kCuse ? "cuse" : "a FUSE node");
            ION_INFO_ABOUT(log::Subject{.id = log::kReadyId}, "keeper", "ready: device {}, usage {}",
                           belongings_.paths().device, belongings_.paths().usage_mount);
            notify_service_manager("READY=1\nMAINPID=" + std::to_string(::getpid()));
            tell_status();
        }
    }

    void stop() {
        if (stopping_) {
            return;
        }
        stopping_ = true;
        notify_service_manager("STOPPING=1");
        ::kill(worker_, SIGTERM);
        sigset_t child;
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        const timespec patience{kStopPatienceSeconds, 0};
        while (!exit_status_ && ::sigtimedwait(&child, nullptr, &patience) == SIGCHLD) {
            reap();
        }
        if (!exit_status_) {
            ION_WARN("keeper", "the worker does not stop, so it is killed");
            ::kill(worker_, SIGKILL);
        }
    }

    const CommandLine& options_;
    Belongings belongings_;
    Guard guard_;
    Zygote zygote_;
    WorkerSetup setup_;
    sigset_t signals_{};
    std::optional<Watchdog> watchdog_;
    std::string status_;  // as last told
    pid_t worker_ = -1;
    bool worker_serves_ = false;
    bool hung_ = false;  // the worker, and it has been killed for it
    bool announced_ = false;
    bool stopping_ = false;
    bool reload_wanted_ = false;
    int failed_starts_ = 0;
    int blamed_ = -1;  // that the last worker died in before it served
    std::optional<int> exit_status_;
};

}  // namespace

int run_keeper(const CommandLine& options, const std::vector<ConfigText>& texts, const FdNumbers& inherited) {
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    raise_descriptor_limit();
    Keeper keeper(options, texts);
    if (auto prepared = keeper.prepare(inherited); !prepared) {
        ION_ERROR("keeper", "{}", prepared.error().context);
        return 1;
    }
    return keeper.run();
}

}  // namespace ion
