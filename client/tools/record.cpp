// SPDX-License-Identifier: Apache-2.0
//
// ionctl record: writes a trace of what a running iond's clients allocate and free; docs/traces.md.

#include <poll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/tools/control_client.h"
#include "client/tools/subcommand.h"
#include "daemon/base/fd_message.h"

namespace {

struct RecordOptions {
    std::optional<double> seconds;
    std::string output = "-";
};

/// Readable when somebody wants this program to end.
ion::UniqueFd stop_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return ion::UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC));
}

/// Copies messages to `out` until the time is over or a signal comes. Errors: the daemon's end of the connection, or
/// the file's.
ion::Result<void> copy(int socket, int stop, std::optional<double> seconds, std::FILE* out) {
    using Clock = std::chrono::steady_clock;
    const auto begun = Clock::now();
    std::vector<std::byte> room(ion::kMaxControlReply);
    for (;;) {
        int wait_ms = -1;
        if (seconds) {
            const std::chrono::duration<double, std::milli> left =
                begun + std::chrono::duration<double>(*seconds) - Clock::now();
            if (left.count() <= 0) {
                return {};
            }
            wait_ms = static_cast<int>(std::min(left.count() + 1, 1e9));
        }
        std::array<pollfd, 2> waiting{{{socket, POLLIN, 0}, {stop, POLLIN, 0}}};
        if (::poll(waiting.data(), waiting.size(), wait_ms) < 0 && errno != EINTR) {
            return ion::fail_errno(errno, "poll");
        }
        if (waiting[1].revents != 0) {
            return {};
        }
        if (waiting[0].revents == 0) {
            continue;
        }
        const auto received = ion::receive_message(socket, room, MSG_DONTWAIT);
        if (!received || received->size == 0) {
            return ion::fail(EPIPE, "iond has ended the connection; the trace ends here");
        }
        if (std::fwrite(room.data(), 1, received->size, out) != received->size || std::fflush(out) != 0) {
            return ion::fail_errno(errno, "write");
        }
    }
}

int refuse(const ion::Error& error, int status) {
    std::fprintf(stderr, "ionctl: %s\n", error.context.c_str());
    return status;
}

int record(const RecordOptions& options, const CommonOptions& common) {
    const ion::UniqueFd stop = stop_signals();
    auto socket = connect_to_daemon(common);
    if (!socket) {
        return refuse(socket.error(), kNotReachable);
    }
    using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
    const File file(options.output == "-" ? nullptr : std::fopen(options.output.c_str(), "we"), std::fclose);
    if (!file && options.output != "-") {
        return refuse(ion::fail_errno(errno, options.output), kFailed);
    }
    std::FILE* const out = file ? file.get() : stdout;
    if (const auto asked = ask_daemon(socket->get(), ion::ControlCommand::kRecord); !asked) {
        return refuse(asked.error(), kFailed);
    }
    std::fputs("ion-trace 1\n", out);
    std::fflush(out);
    const auto copied = copy(socket->get(), stop.get(), options.seconds, out);
    return copied ? kDone : refuse(copied.error(), kFailed);
}

}  // namespace

Subcommand::Run add_record(CLI::App& app) {
    const auto options = std::make_shared<RecordOptions>();
    CLI::App* command = app.add_subcommand("record", "Writes a trace of what clients allocate and free");
    command->add_option("--duration", options->seconds, "Seconds; without it, until SIGINT or SIGTERM")
        ->check(CLI::Range(0.0, 1e6))
        ->type_name("S");
    command->add_option("--output", options->output, "The trace (default -: stdout)")->type_name("FILE");
    return [options](const CommonOptions& common) { return record(*options, common); };
}
