// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/supervisor.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/loop/loop_door.h"
#include "daemon/supervise/call_server.h"
#include "daemon/supervise/call_threads.h"
#include "daemon/supervise/program.h"
#include "daemon/supervise/usage_report.h"

namespace ion {

namespace {

/// The last closes of the program, and the release of its buffers, arrive within a tick of the reaper after its end.
/// What is still there when this has passed twice is in the hands of others.
constexpr std::chrono::milliseconds kSettling{500};

[[noreturn]] void give_up(const Error& error) {
    std::fprintf(stderr, "ionctl: %s\n", error.context.c_str());
    ::_exit(kRunFailed);
}

template <typename T>
T need(Result<T> result) {
    if (!result) {
        give_up(result.error());
    }
    return *std::move(result);
}

/// What this process was started with, but for stderr.
std::vector<int> inherited_descriptors() {
    std::vector<int> numbers;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        numbers.push_back(std::stoi(entry.path().filename()));
    }
    // The one by which the folder was read is closed by now.
    std::erase_if(numbers,
                  [](int number) { return number == STDERR_FILENO || ::fcntl(number, F_GETFD) < 0; });
    return numbers;
}

/// Leaves them to the program: whoever is at the other end of a pipe must see when the program closes it. Nothing else
/// may get the numbers of the standard streams.
void let_go(const std::vector<int>& descriptors) {
    const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int number : descriptors) {
        if (number > STDERR_FILENO) {
            ::close(number);
        } else if (nothing) {
            ::dup2(nothing.get(), number);
        }
    }
}

/// Not before the program was started, which inherits limits and ignored signals.
void prepare_process() {
    ::signal(SIGIO, SIG_IGN);    // a lease of ours that somebody breaks
    ::signal(SIGPIPE, SIG_IGN);  // nobody reads the usage texts
    ::signal(SIGTTOU, SIG_IGN);  // or reads them on a terminal that is another's
    ::signal(SIGTTIN, SIG_IGN);
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;  // a descriptor for each buffer
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Everything that serves the program. It lives until the process ends by _exit(): threads may be stuck in calls.
class Supervisor {
  public:
    Supervisor(const SuperviseOptions& options, std::unique_ptr<EventLoop> loop,
               std::unique_ptr<LoopDoor> door, std::unique_ptr<Model> model, Program program)
        : options_(options),
          loop_(std::move(loop)),
          door_(std::move(door)),
          model_(std::move(model)),
          program_(std::move(program)),
          listener_(program_.take_listener()) {}

    [[noreturn]] void run() {
        signals_ = loop_->on_readable(program_.signal_fd(), [this] { program_.on_signals(); });
        threads_.start();
        loop_->run([this] { after_turn(); });
        if (options_.usage) {
            std::fputs(usage_report(model_->snapshot()).c_str(), stderr);
        }
        ::_exit(program_.exit_status());
    }

  private:
    void after_turn() {
        model_->turn();
        if (!program_.ended()) {
            return;
        }
        if (!options_.usage || model_->empty() || settled_ > 1) {
            loop_->stop();
        } else if (!settling_) {
            settling_ = loop_->every(kSettling, [this] {
                model_->sweep();  // so that what is shown is so
                ++settled_;
            });
        }
    }

    const SuperviseOptions& options_;
    std::unique_ptr<EventLoop> loop_;
    std::unique_ptr<LoopDoor> door_;
    std::unique_ptr<Model> model_;
    Program program_;
    Listener listener_;
    ClientFiles files_{*loop_, [this](ClientId client) { model_->close_client(client); }};
    CallServer server_{{listener_, *door_, *model_, files_, options_.device_name}};
    CallThreads threads_{listener_, [this](const Notification& call) { server_.serve(call); }};
    Watch signals_;
    std::optional<Watch> settling_;  // once the program has ended
    int settled_ = 0;
};

}  // namespace

void supervise(const SuperviseOptions& options) {
    const auto inherited = inherited_descriptors();
    const auto filter = need(make_filter());
    auto loop = need(EventLoop::create());
    auto door = need(LoopDoor::create(*loop));
    auto model = need(Model::create(options.config, *loop));
    auto program = need(Program::start(options.program, filter));
    let_go(inherited);
    prepare_process();
    auto* supervisor =  // never destroyed, see there
        new Supervisor(options, std::move(loop), std::move(door), std::move(model), std::move(program));
    supervisor->run();
}

}  // namespace ion
