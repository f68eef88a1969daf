// SPDX-License-Identifier: Apache-2.0
//
// CallRunner: requests that end with a descriptor in the caller's hands, by injection or through its channel.

#include <unistd.h>

#include <cstring>

#include "daemon/abi/decode.h"
#include "daemon/base/log.h"
#include "daemon/host/process_info.h"
#include "daemon/transport/fuse_session.h"
#include "daemon/transport/reply.h"
#include "daemon/worker/call_runner.h"

namespace ion {

namespace {

/// Result in the reply that an injector sends first. It stands if the injector or its client is stopped from
/// going on, so a caller never sees success with a number that means nothing.
constexpr std::int32_t kPendingResult = -EIO;

/// The only reply target of the injectors: the device's descriptor.
constexpr std::uint32_t kDeviceTarget = 0;

std::vector<std::byte> job_message(const Job& job, std::span<const std::byte> payload) {
    std::vector<std::byte> message(sizeof(job) + payload.size());
    std::memcpy(message.data(), &job, sizeof(job));
    std::memcpy(message.data() + sizeof(job), payload.data(), payload.size());
    return message;
}

/// The answer to a hand-over that no injector has begun, as an injector gives it.
Answer not_handed_over(const HandOver& what, int error) {
    Answer answer{error, {}};
    if (what.failure_writes_errno) {
        answer.outputs.fd = -error;
    }
    return answer;
}

const char* explain(Refusal refusal) {
    switch (refusal) {
        case Refusal::kTraced:
            return "it is being traced";
        case Refusal::kSeccomp:
            return "it runs under a seccomp filter";
        case Refusal::kArchitecture:
            return "it entered the kernel in a way that is not known here";
        case Refusal::kNotPermitted:
        case Refusal::kNone:
            break;
    }
    return "the kernel does not allow it (Yama, or a missing CAP_SYS_PTRACE)";
}

/// As with ION's driver, a dma-buf's file belongs to who allocated it. Not so a memfd: its owner could hold a lease,
/// and the daemon's next open would wait for that. Only fstat shows it, so nothing depends on its success.
void give_to_caller(int descriptor, const Backing& backing, const RequestCaller& caller) {
    if (caller.uid != 0 && backing.memory().kind() != ExporterKind::kMemfd) {
        (void)::fchown(descriptor, caller.uid, caller.gid);
    }
}

}  // namespace

void CallRunner::hand_over(SlotIndex slot, const abi::Decoded& decoded, const HandOver& what, Transaction tx,
                           int injector) {
    const OngoingCall& call = calls_.at(slot);
    const abi::Call bytes = bytes_of(call);
    Job job;
    job.id = parts_.header.next_job.fetch_add(1);
    job.kind = JobKind::kDeliver;
    job.tid = call.caller.pid;
    job.reply_target = kDeviceTarget;
    job.command = call.request.command;
    job.argument = call.request.argument;
    job.pending_result = kPendingResult;
    job.number_address = abi::fd_address(bytes, decoded.outputs);
    job.failure_writes_errno = what.failure_writes_errno ? 1 : 0;
    // The struct goes back as it came: where it cannot be written the kernel says EFAULT, before anything is done.
    const auto reply = ioctl_reply(session_->unique_of(slot), kPendingResult, call.request.input);
    const auto message = job_message(job, reply);
    tx.records.emplace_back(
        DeliveryStarted{job.id, slot, injector, ClientId{call.request.file}, what.buffer, message});
    if (auto committed = parts_.device.commit(std::move(tx)); !committed) {
        parts_.injectors.release(injector);
        answer(slot, decoded, not_handed_over(what, ENOMEM), {});
        return;
    }
    auto exported = parts_.device.open_export(what.buffer);
    if (!exported) {
        parts_.injectors.release(injector);
        ION_DEBUG("worker", "no descriptor for buffer {}: {}", what.buffer.value, exported.error().context);
        Transaction undo;
        undo.records.emplace_back(DeliveryEnded{job.id});
        answer(slot, decoded, not_handed_over(what, exported.error().code), std::move(undo));
        return;
    }
    if (std::holds_alternative<abi::Alloc>(decoded.request)) {
        give_to_caller(exported->get(), *parts_.device.backing(what.buffer), call.caller);
    }
    parts_.injectors.run(injector, job, reply, exported->get(),
                         [this, slot, job](JobOutcome outcome) { delivered(slot, job, outcome); });
}

void CallRunner::delivered(SlotIndex slot, const Job& job, const JobOutcome& outcome) {
    const ClientId client = parts_.device.state().deliveries().at(job.id).client;
    Transaction tx;
    tx.records.emplace_back(DeliveryEnded{job.id});
    if (outcome.not_begun) {
        begin_again(slot, std::move(tx));
        go_on_after_delivery(client);
        return;
    }
    if (outcome.result.refused != 0) {
        report_refusal(job, outcome.result);
    }
    // Where the injector has answered, this reply only fills the slot.
    const int error = outcome.result.error == 0 ? EIO : outcome.result.error;
    finish(slot, error_reply(session_->unique_of(slot), error), std::move(tx), outcome.result.replied != 0);
    go_on_after_delivery(client);
}

/// Nothing has been done for the caller: the request is served from its bytes once more.
void CallRunner::begin_again(SlotIndex slot, Transaction tx) {
    calls_.erase(slot);
    if (!parts_.device.commit(std::move(tx))) {
        answer_error(slot, ENOMEM);
        return;
    }
    session_->process(slot);
}

void CallRunner::report_refusal(const Job& job, const JobResult& result) {
    const auto& delivery = parts_.device.state().deliveries().at(job.id);
    if (!refusals_logged_.emplace(delivery.client, result.refused).second) {
        return;
    }
    const auto pid = process_of_thread(job.tid).pid;
    ION_WARN_ABOUT(
        (log::Subject{.client_pid = pid, .buffer = delivery.buffer.value, .id = log::kDeliveryRefusedId}),
        "worker",
        "process {} gets EPERM: a descriptor cannot be put into it because {}. Ways out: use libion, or run "
        "the program by `ionctl run`",
        pid, explain(static_cast<Refusal>(result.refused)));
}

void CallRunner::send_by_channel(SlotIndex slot, const abi::Decoded& decoded, BufferId buffer,
                                 Transaction tx) {
    const OngoingCall& call = calls_.at(slot);
    const int channel = parts_.channels.find(ClientId{call.request.file}, call.caller.pid);
    if (channel < 0) {
        answer_error(slot, ENOTCONN);  // the library opens a channel, or asks without one
        return;
    }
    const std::uint64_t token = parts_.device.state().counters().next_token;
    tx.records.emplace_back(BufferExported{buffer});
    tx.records.emplace_back(TokenUsed{token});
    const auto data = abi::encode(bytes_of(call), decoded.outputs, abi::Outputs{{}, -1, token}).declared;
    const auto reply = ioctl_reply(session_->unique_of(slot), 0, data);
    session_->slots().stage_answer(slot, reply);
    session_->slots().stage_send(slot, buffer.value, token, channel);
    calls_.erase(slot);
    if (auto committed = parts_.device.commit(std::move(tx)); !committed) {
        session_->slots().unstage(slot);
        session_->send(slot, error_reply(session_->unique_of(slot), ENOMEM));
        return;
    }
    // Sent after the commit: a descriptor that a client has is never unknown to the next worker.
    const auto sent = parts_.channels.send(channel, buffer, token);
    if (!sent) {
        session_->send(slot, error_reply(session_->unique_of(slot), sent.error().code));
        return;
    }
    session_->send(slot, reply);  // and only then the copy is closed
}

void CallRunner::open_channel(SlotIndex slot, const abi::Decoded& decoded, std::int32_t fd) {
    Job job;
    job.kind = JobKind::kTakeFd;
    job.fd_number = fd;
    ask(slot, job, {}, [this, slot, decoded](OngoingCall& call, JobOutcome outcome) {
        const ProcessInfo process = process_of_thread(call.caller.pid);
        if (outcome.result.error != 0 || process.pid == 0) {
            answer_error(slot, outcome.result.error != 0 ? outcome.result.error : ESRCH);
            return;
        }
        auto opened = parts_.channels.open(ClientId{call.request.file}, process.pid, std::move(outcome.fd));
        if (!opened) {
            answer_error(slot, opened.error().code);
            return;
        }
        answer(slot, decoded, Answer{0, abi::Outputs{{}, {}, 1}}, {});
    });
}

bool CallRunner::resume(SlotIndex slot) {
    for (const auto& [id, delivery] : parts_.device.state().deliveries()) {
        if (delivery.slot != slot) {
            continue;
        }
        Job job;
        std::memcpy(&job, delivery.message.data(), std::min(sizeof(job), delivery.message.size()));
        const auto injector = parts_.device.state().injectors().find(delivery.injector_fd);
        auto exported = parts_.device.open_export(delivery.buffer);
        if (injector == parts_.device.state().injectors().end() || !exported) {
            JobOutcome lost;
            lost.result.error = EIO;
            delivered(slot, job, lost);
            return true;
        }
        parts_.injectors.adopt(injector->first, injector->second.pid, delivery.message, exported->get(),
                               [this, slot, job](JobOutcome outcome) { delivered(slot, job, outcome); });
        return true;
    }
    const auto reply = session_->slots().committed_answer(slot);
    if (reply.empty()) {
        return false;
    }
    const RequestSlot& raw = session_->slots().raw(slot);
    if (raw.send_token != 0) {
        // Possibly sent before: the library drops a message whose token it does not wait for.
        (void)parts_.channels.send(raw.send_channel, BufferId{raw.send_buffer}, raw.send_token);
    }
    session_->send(slot, reply);
    return true;
}

}  // namespace ion
