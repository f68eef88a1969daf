// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/injector.h"

#include <poll.h>

#include <array>
#include <csignal>
#include <cstring>
#include <optional>

#include "daemon/base/fd_message.h"
#include "daemon/deliver/client_fds.h"
#include "daemon/deliver/client_memory.h"
#include "daemon/deliver/delivery.h"
#include "daemon/deliver/job.h"
#include "daemon/deliver/tracee.h"

namespace ion {
namespace {

volatile sig_atomic_t stop_wanted = 0;

/// SIGTERM and SIGCHLD are blocked but for the moment of waiting for a job: a job is never disturbed, and
/// tracees that died are reaped when they can be.
class QuietSignals {
  public:
    QuietSignals() {
        struct sigaction action {};
        action.sa_handler = [](int signal) { stop_wanted = stop_wanted || signal == SIGTERM; };
        ::sigaction(SIGTERM, &action, nullptr);
        ::sigaction(SIGCHLD, &action, nullptr);
        sigset_t quiet;
        sigemptyset(&quiet);
        sigaddset(&quiet, SIGTERM);
        sigaddset(&quiet, SIGCHLD);
        ::sigprocmask(SIG_BLOCK, &quiet, &waiting_);
        sigdelset(&waiting_, SIGTERM);
        sigdelset(&waiting_, SIGCHLD);
    }

    /// Waits until `socket` can be read; false when SIGTERM says to stop.
    bool wait_for_job(int socket) const {
        pollfd readable{.fd = socket, .events = POLLIN, .revents = 0};
        do {
            reap_tracees();  // at first, too: a job may have consumed the SIGCHLD of an earlier one's client
        } while (::ppoll(&readable, 1, nullptr, &waiting_) < 0 && stop_wanted == 0);
        return stop_wanted == 0;
    }

  private:
    sigset_t waiting_{};
};

/// A job as it came.
struct Order {
    Job job;
    std::span<const std::byte> payload;
    UniqueFd descriptor;
};

/// What goes back.
struct Answer {
    JobResult result;
    std::span<const std::byte> payload;  ///< in the injector's buffer
    UniqueFd descriptor;
};

class Injector {
  public:
    explicit Injector(const InjectorSetup& setup) : setup_(setup) {}
    int serve();

  private:
    Result<std::optional<Order>> next();
    Answer answer(Order& order);
    Answer carry_out(Order& order);
    Result<void> read(const Job& job, Answer& answer);
    Result<void> send(const Answer& answer);

    const InjectorSetup& setup_;
    const QuietSignals signals_;
    std::optional<JobResult> last_;
    std::array<std::byte, sizeof(Job) + kMaxJobPayload> incoming_{};
    std::array<std::byte, sizeof(JobResult) + kMaxJobPayload> outgoing_{};
};

/// True if doing `kind` again changes nothing and what it brings is not in the JobResult.
bool is_fetch(JobKind kind) {
    return kind == JobKind::kRead || kind == JobKind::kTakeFd;
}

/// Stores the outcome of an operation without a value.
template <typename T>
void note(Answer& answer, const Result<T>& outcome) {
    answer.result.error = outcome ? 0 : outcome.error().code;
}

int Injector::serve() {
    while (signals_.wait_for_job(setup_.job_socket)) {
        auto order = next();
        if (!order) {
            return 1;
        }
        if (!*order) {
            break;
        }
        const auto& job = (*order)->job;
        if (last_ && job.id < last_->id) {
            continue;
        }
        const auto done = answer(**order);
        last_ = done.result;
        if (!send(done) || done.result.last != 0) {
            return 0;
        }
    }
    (void)send(Answer{.result = {.id = kFarewell}, .payload = {}, .descriptor = {}});
    return 0;
}

/// Nothing when the other end of the job socket is closed.
Result<std::optional<Order>> Injector::next() {
    auto message = receive_message(setup_.job_socket, incoming_, 0);
    if (!message) {
        return message.error();
    }
    if (message->size == 0) {
        return std::optional<Order>();
    }
    Order order{};
    if (message->size < sizeof order.job) {
        return fail(EPROTO, "short job");
    }
    std::memcpy(&order.job, incoming_.data(), sizeof order.job);
    order.payload = std::span(incoming_).first(message->size).subspan(sizeof order.job);
    order.descriptor = std::move(message->fd);
    return std::optional<Order>(std::move(order));
}

Answer Injector::answer(Order& order) {
    if (last_ && order.job.id == last_->id && !is_fetch(order.job.kind)) {
        return Answer{.result = *last_, .payload = {}, .descriptor = {}};
    }
    return carry_out(order);
}

Answer Injector::carry_out(Order& order) {
    const auto& job = order.job;
    Answer answer{.result = {.id = job.id}, .payload = {}, .descriptor = {}};
    if (job.tid <= 0) {
        answer.result.error = ESRCH;  // a caller outside our pid namespace
        return answer;
    }
    switch (job.kind) {
        case JobKind::kIdentify: {
            const auto id = identify_client_fd(job.tid, job.fd_number);
            note(answer, id);
            if (id) {
                answer.result.device = id->device;
                answer.result.inode = id->inode;
            }
            return answer;
        }
        case JobKind::kRead:
            note(answer, read(job, answer));
            return answer;
        case JobKind::kWrite:
            note(answer, write_client(job.tid, job.address, order.payload));
            return answer;
        case JobKind::kCheckRange: {
            const auto mapping = find_client_mapping(job.tid, job.address, job.length);
            note(answer, mapping);
            if (mapping) {
                answer.result.device = mapping->file.device;
                answer.result.inode = mapping->file.inode;
                answer.result.offset = mapping->offset;
                answer.result.writable = mapping->writable ? 1 : 0;
            }
            return answer;
        }
        case JobKind::kTakeFd: {
            auto taken = take_client_socket(job.tid, job.fd_number);
            note(answer, taken);
            if (taken) {
                answer.descriptor = *std::move(taken);
            }
            return answer;
        }
        case JobKind::kDeliver: {
            if (!order.descriptor || job.reply_target >= setup_.reply_targets.size() ||
                job.pending_result >= 0) {
                break;
            }
            const auto delivery = deliver(job, order.payload, std::move(order.descriptor), setup_);
            answer.result = delivery.result;
            answer.result.last = delivery.attached ? 1 : 0;
            return answer;
        }
    }
    answer.result.error = EINVAL;
    return answer;
}

Result<void> Injector::read(const Job& job, Answer& answer) {
    if (job.length > kMaxJobPayload) {
        return fail(EINVAL, "too much at once");
    }
    const auto bytes = std::span(outgoing_).subspan(sizeof(JobResult)).first(job.length);
    auto done = read_client(job.tid, job.address, bytes);
    if (done) {
        answer.payload = bytes;
    }
    return done;
}

Result<void> Injector::send(const Answer& answer) {
    std::memcpy(outgoing_.data(), &answer.result, sizeof answer.result);
    const auto bytes = std::span(outgoing_).first(sizeof answer.result + answer.payload.size());
    return send_message(setup_.job_socket, bytes, answer.descriptor.get(), 0);
}

}  // namespace

int run_injector(const InjectorSetup& setup) {
    return Injector(setup).serve();
}

}  // namespace ion
