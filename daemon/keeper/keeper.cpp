// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/keeper.h"

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
#include "daemon/keeper/runtime_files.h"
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
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1}) {
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
    }

    Result<void> prepare() {
        if (auto chosen = choose_transport(); !chosen) {
            return chosen;
        }
        for (const auto& directory : {paths_.directory, paths_.usage_mount}) {
            if (auto made = files_.make_directory(directory); !made) {
                return made;
            }
            if (directory == paths_.directory) {
                if (auto locked = files_.lock(paths_.lock); !locked) {
                    return locked;
                }
            }
        }
        if (auto opened = open_device(); !opened) {
            return opened;
        }
        auto usage = files_.mount(paths_.usage_mount, "ionfs");
        auto control = usage ? files_.listen(paths_.control) : Result<UniqueFd>(usage.error());
        auto journal = control ? Journal::create() : Result<std::unique_ptr<Journal>>(control.error());
        if (!journal) {
            return journal.error();
        }
        usage_ = *std::move(usage);
        control_ = *std::move(control);
        journal_ = *std::move(journal);
        return new_zygote();
    }

    int run() {
        signals_ = keeper_signals();
        ::sigprocmask(SIG_BLOCK, &signals_, nullptr);
        start_worker();
        while (worker_ > 0 && !exit_status_) {
            siginfo_t info{};
            const int signal = ::sigwaitinfo(&signals_, &info);
            if (signal == SIGCHLD) {
                reap();
            } else if (signal == SIGUSR1 && info.si_pid == worker_) {
                serving();
            } else if (signal == SIGTERM || signal == SIGINT) {
                stop();
            } else if (signal == SIGHUP) {
                reload();
            }
        }
        end_zygote();
        return exit_status_.value_or(1);
    }

  private:
    Result<void> choose_transport() {
        switch (options_.transport) {
            case TransportChoice::kCuse:
                transport_ = TransportKind::kCuse;
                break;
            case TransportChoice::kNode:
                transport_ = TransportKind::kNode;
                break;
            case TransportChoice::kAuto:
                // A private runtime directory promises to leave /dev alone.
                transport_ = options_.runtime_dir.empty() && ::access("/dev/cuse", R_OK | W_OK) == 0
                                 ? TransportKind::kCuse
                                 : TransportKind::kNode;
                break;
        }
        paths_ = runtime_paths(options_, transport_);
        return {};
    }

    Result<void> open_device() {
        if (transport_ == TransportKind::kCuse) {
            auto connection = open_cuse(paths_.device);
            if (!connection) {
                return connection.error();
            }
            device_ = *std::move(connection);
            return {};
        }
        if (auto made = files_.make_directory(paths_.node_mount); !made) {
            return made;
        }
        if (!paths_.device_link.empty()) {
            if (auto linked = files_.link(paths_.device_link, paths_.node); !linked) {
                return linked;
            }
        }
        auto connection = files_.mount(paths_.node_mount, "ionnode");
        if (!connection) {
            return connection.error();
        }
        device_ = *std::move(connection);
        return {};
    }

    Result<void> new_zygote() {
        const int targets[] = {device_.get()};
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
        setup_.journal = journal_.get();
        setup_.transport = transport_;
        setup_.device_name = options_.device_name;
        setup_.device_fd = device_.get();
        setup_.usage_fd = usage_.get();
        setup_.control_fd = control_.get();
        setup_.zygote_fd = zygote_.socket.get();
        setup_.keeper = ::getpid();
        setup_.keeper_fds = {STDIN_FILENO,   STDOUT_FILENO,        STDERR_FILENO,
                             device_.get(),  usage_.get(),         control_.get(),
                             journal_->fd(), zygote_.socket.get(), files_.lock_fd()};
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
        const bool killed =
            WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;  // from outside: not its fault
        failed_starts_ = worker_serves_ || killed ? 0 : failed_starts_ + 1;
        if (failed_starts_ >= kMaxFailedStarts) {
            ION_ERROR("keeper", "{} workers ended before they served; giving up", failed_starts_);
            exit_status_ = 1;
            return;
        }
        ION_WARN("keeper", "worker {} ended by {} {}; starting another", worker_,
                 WIFSIGNALED(status) ? "signal" : "status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        if (zygote_.pid < 0) {
            if (auto zygote = new_zygote(); !zygote) {
                ION_ERROR("keeper", "{}", zygote.error().context);
                exit_status_ = 1;
                return;
            }
        }
        if (!killed) {
            blame_plugin();
        }
        journal_->header().activity.length.store(0);
        start_worker();
    }

    /// By the worker, once it serves: one that is starting has read an older configuration.
    void reload() {
        reload_wanted_ = !worker_serves_;
        if (worker_serves_) {
            ::kill(worker_, kReloadSignal);
        }
    }

    /// Names the plug-in that a worker died in. One that ends worker after worker before they serve is left out.
    void blame_plugin() {
        JournalHeader& header = journal_->header();
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
            ION_INFO("keeper", "serving by {}", transport_ == TransportKind::kCuse ? "cuse" : "a FUSE node");
            ION_INFO("keeper", "ready: device {}, usage {}", paths_.device, paths_.usage_mount);
            notify_service_manager("READY=1\nMAINPID=" + std::to_string(::getpid()));
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
    TransportKind transport_ = TransportKind::kNode;
    RuntimePaths paths_;
    RuntimeFiles files_;
    UniqueFd device_;
    UniqueFd usage_;
    UniqueFd control_;
    std::unique_ptr<Journal> journal_;
    Zygote zygote_;
    WorkerSetup setup_;
    sigset_t signals_{};
    pid_t worker_ = -1;
    bool worker_serves_ = false;
    bool announced_ = false;
    bool stopping_ = false;
    bool reload_wanted_ = false;
    int failed_starts_ = 0;
    int blamed_ = -1;  // that the last worker died in before it served
    std::optional<int> exit_status_;
};

}  // namespace

int run_keeper(const CommandLine& options, const std::vector<ConfigText>& texts) {
    raise_descriptor_limit();
    Keeper keeper(options, texts);
    if (auto prepared = keeper.prepare(); !prepared) {
        ION_ERROR("keeper", "{}", prepared.error().context);
        return 1;
    }
    return keeper.run();
}

}  // namespace ion
